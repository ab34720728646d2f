import { QuiltError, quoted } from './error.ts'

/** The most items a page can have. */
export const maxPageSize = 10_000

/** Throws QuiltError `invalid-limit` unless it is a whole number from 1 to 10,000. */
export function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxPageSize) return
  throw new QuiltError('invalid-limit', `the limit is ${limit}, expected 1 to ${maxPageSize}`)
}

/** An opaque cursor that stands for a text, such as the last key of a page. */
export function encodeCursor(text: string): string {
  // UTF-16, since keys may hold half a surrogate pair
  return Buffer.from(text, 'utf16le').toString('base64url')
}

/** The text of a cursor. Throws QuiltError `invalid-cursor`. */
export function decodeCursor(cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length > 0 && bytes.length % 2 === 0 && bytes.toString('base64url') === cursor)
    return bytes.toString('utf16le')
  throw new QuiltError('invalid-cursor', `${quoted(cursor)} is not a cursor of this list`)
}

import { QuiltError, throwIfAborted } from '../error.ts'
import { checkLimit, decodeCursor } from '../page.ts'
import { foldKey } from '../scan/key-list.ts'
import { foldMetadata } from '../scan/search-metadata.ts'
import type { SearchOptions } from '../types.ts'

/**
 * The text to compare with, and the number of the entry behind which the page starts (-1 for the first one).
 *
 * Throws QuiltError `invalid-search`, `invalid-limit`, `invalid-cursor`, `aborted`.
 */
export function checkSearch(options: SearchOptions): { readonly text: string; readonly after: number } {
  throwIfAborted(options.signal)
  checkLimit(options.limit)
  if (options.text === '') throw new QuiltError('invalid-search', 'the text to search for is empty')
  return {
    text: options.in === 'keys' ? foldKey(options.text) : foldMetadata(options.text),
    after: options.after === undefined ? -1 : numberOf(options.after)
  }
}

function numberOf(cursor: string): number {
  const text = decodeCursor(cursor)
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new QuiltError('invalid-cursor', `${cursor} is not a cursor of a search`)
}

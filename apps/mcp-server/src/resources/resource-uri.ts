import { parseQuiltUri, type QuiltUri } from '@fast-mcp/quilt'

/** What a resource's address names: a package or a path in it, and which of the bytes. */
export interface ResourceUri extends QuiltUri {
  /** First byte. */
  readonly offset: number
  /** Most bytes; undefined: as many as the server gives at once. */
  readonly length: number | undefined
}

const rangePart = /&(offset|length)=(\d{1,15})(?=&|$)/g

/**
 * Reads a quilt+s3:// or quilt+file:// address, which may have `&offset=` and `&length=` behind it for a part of a file.
 * Throws QuiltError `invalid-uri` or `invalid-package-name`.
 */
export function parseResourceUri(uri: string): ResourceUri {
  const range = new Map<string, number>()
  const rest = uri.replace(rangePart, (_, name: string, digits: string) => {
    range.set(name, Number(digits))
    return ''
  })
  return { ...parseQuiltUri(rest), offset: range.get('offset') ?? 0, length: range.get('length') }
}

/** The address of the bytes of a file from `offset` on. */
export function fromOffset(uri: string, offset: number): string {
  return `${uri.replace(rangePart, '')}&offset=${String(offset)}`
}

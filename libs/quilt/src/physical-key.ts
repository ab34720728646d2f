import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { fromSystemError, QuiltError, quoted } from './error.ts'
import { parseQuery, quote, quotePlus, unquote } from './percent.ts'
import type { PhysicalKey } from './types.ts'
import { splitUrl } from './url-parts.ts'

/** An address without anything to decode: nearly all are, and there may be a million of them. */
const usualAddress = /^s3:\/\/([a-z0-9.-]+)\/([^%?#\x00-\x1f]*)(?:\?versionId=([\w.~-]+))?$/

/**
 * The physical key that an s3:// or file:// address means, read as quilt3 8.0.0 does (util.py `PhysicalKey.from_url`).
 * One difference: in a file path `.`, `..` and repeated slashes are resolved, symbolic links are not, since what a
 * manifest says must not touch the file system; `localPhysicalKey` resolves links.
 *
 * Throws QuiltError `invalid-physical-key`.
 */
export function parsePhysicalKey(url: string): PhysicalKey {
  const usual = usualAddress.exec(url)
  if (usual !== null) {
    const [, bucket = '', key = '', versionId] = usual
    return { kind: 's3', bucket, key, versionId }
  }
  const { scheme, host, path: encoded, query } = splitUrl(url)
  switch (scheme) {
    case 's3': {
      if (host === '') throw invalid('Missing bucket', url)
      return { kind: 's3', bucket: host, key: unquote(encoded).slice(1), versionId: versionOf(query, url) }
    }
    case 'file': {
      if (host !== '' && host !== 'localhost') throw invalid('Unexpected hostname', url)
      if (encoded === '') throw invalid('Missing path', url)
      if (!encoded.startsWith('/')) throw invalid('Relative paths are not allowed', url)
      if (query !== '') throw invalid('Unexpected query', url)
      return { kind: 'file', path: normalPath(unquote(encoded), url) }
    }
    default:
      throw invalid(`Unexpected scheme: '${scheme}'`, url)
  }
}

function invalid(reason: string, url: string): QuiltError {
  return new QuiltError('invalid-physical-key', `${reason} in ${quoted(url)}`)
}

function versionOf(query: string, url: string): string | undefined {
  const pairs = parseQuery(query)
  if (pairs.some(([name]) => name !== 'versionId'))
    throw invalid(`Unexpected S3 query string: '${query}'`, url)
  return pairs[0]?.[1]
}

function normalPath(file: string, url: string): string {
  if (file.includes('\0')) throw invalid('A file path cannot hold a NUL character', url)
  if (!file.replace(escapedByte, '').isWellFormed())
    throw invalid('A file path cannot hold half a surrogate pair', url)
  const normal = path.posix.normalize(`/${file}`)
  // quilt3 adds the final slash to the real path, also to the root
  return normal === '/' && file.endsWith('/') ? '//' : normal
}

/** How Python has a byte of a file name that is no UTF-8: as half a surrogate pair (PEP 383). */
const escapedByte = /(?<![\ud800-\udbff])[\udc80-\udcff]/g

/** Keys and versions without anything to encode. */
const usualKey = /^[\w.~/-]*$/
const usualVersion = /^[\w.~-]*$/

/**
 * The address of a physical key, as quilt3 8.0.0 writes it to a manifest (`str(PhysicalKey)`).
 *
 * Throws QuiltError `json-not-encodable` where key, version or path hold half a surrogate pair.
 */
export function formatPhysicalKey(key: PhysicalKey): string {
  if (key.kind === 'file') return `file://${quotePath(withoutFinalSlash(key.path))}`
  if (usualKey.test(key.key) && (key.versionId === undefined || usualVersion.test(key.versionId)))
    return key.versionId === undefined
      ? `s3://${key.bucket}/${key.key}`
      : `s3://${key.bucket}/${key.key}?versionId=${key.versionId}`
  const version = key.versionId === undefined ? '' : `?versionId=${quotePlus(wellFormed(key.versionId))}`
  return `s3://${key.bucket}${quote(wellFormed(`/${key.key}`))}${version}`
}

function quotePath(path: string): string {
  if (path.isWellFormed()) return quote(path)
  const bytes = [...path.matchAll(escapedByte)].map(
    ([unit]) => `%${(unit.charCodeAt(0) & 0xff).toString(16).toUpperCase()}`
  )
  return path
    .split(escapedByte)
    .map((text, index) => quote(wellFormed(text)) + (bytes[index] ?? ''))
    .join('')
}

// Python's PurePosixPath, which quilt3 formats with, drops the final slash and keeps a root of two slashes
function withoutFinalSlash(file: string): string {
  return file === '//' ? file : file.replace(/(?!^)\/+$/, '')
}

function wellFormed(text: string): string {
  if (text.isWellFormed()) return text
  throw new QuiltError('json-not-encodable', `${quoted(text)} holds half a surrogate pair`)
}

/**
 * The physical key of a local file: its absolute path with symbolic links resolved, as quilt3 does when a file is put
 * into a package.
 *
 * Throws QuiltError `object-not-found`, `access-denied` or `storage-failed`.
 */
export async function localPhysicalKey(file: string): Promise<PhysicalKey> {
  try {
    return { kind: 'file', path: await realpath(file) }
  } catch (error) {
    throw fromSystemError(error, file)
  }
}

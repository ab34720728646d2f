import { QuiltError, quoted } from './error.ts'

// Python's `^[\w-]+/[\w-]+$`: \w of Python has no combining marks, and its `$` lets one final newline pass
const packageName = /^[\p{L}\p{N}_-]+\/[\p{L}\p{N}_-]+\n?$/u

/** Throws QuiltError `invalid-package-name` unless quilt3 accepts the name (quilt3 8.0.0, util.py `PACKAGE_NAME_FORMAT`). */
export function checkPackageName(name: string): void {
  if (packageName.test(name)) return
  // the text of quilt3, but for a name that is too long to be read
  const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name
  throw new QuiltError('invalid-package-name', `Invalid package name: ${shown}.`)
}

/** Whether quilt3 accepts the name. */
export function isPackageName(name: string): boolean {
  return packageName.test(name)
}

/**
 * Throws QuiltError `invalid-logical-key` unless an entry may be set under the key: not empty, no final slash, no part
 * that is empty, `.` or `..`. Nothing is normalised. Manifests are loaded without this check, as quilt3 does.
 */
export function checkLogicalKey(key: string): void {
  if (key === '' || key.endsWith('/'))
    throw new QuiltError(
      'invalid-logical-key',
      `A package entry logical key ${quoted(key)} must be a file.`,
      {
        key
      }
    )
  if (!isSafePath(key))
    throw new QuiltError(
      'invalid-logical-key',
      `Invalid key ${quoted(key)}. A package entry key cannot contain a file or folder named '.' or '..' in its path.`,
      { key }
    )
}

/** Whether no part of a slash-separated path is empty, `.` or `..`. */
export function isSafePath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

const topHash = /^[0-9a-f]{64}$/

/** Whether the text is a top hash: 64 lower-case hexadecimal digits. */
export function isTopHash(text: string): boolean {
  return topHash.test(text)
}

/** Throws QuiltError `invalid-top-hash` unless the text is a whole top hash. */
export function checkTopHash(text: string): void {
  if (!isTopHash(text))
    throw new QuiltError('invalid-top-hash', `Invalid hash: ${quoted(text)}, expected 64 hexadecimal digits`)
}

/** Whether the text can be the start of a top hash by its length: 6 to 63 characters (quilt3 8.0.0, backends/base.py `resolve_top_hash`). */
export function isTopHashPrefix(text: string): boolean {
  return text.length >= 6 && text.length < 64
}

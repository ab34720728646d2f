import { types } from 'node:util'

import { fromSystemError, QuiltError } from '../error.ts'

/** The code of a failed system call (`ENOENT`, ...), or undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return types.isNativeError(error) && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

/** Whether a system call failed because there is nothing of that name. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** The QuiltError for a failed call of the file system on the object `key`. */
export function fileError(error: unknown, key: string): QuiltError {
  if (error instanceof QuiltError) return error
  const options = { where: key, cause: error }
  switch (systemCode(error)) {
    case 'ELOOP':
      return new QuiltError('outside-root', `'${key}' leads round in a circle of links`, {
        remedy: 'Remove the links.',
        ...options
      })
    case 'EISDIR':
    case 'ENOTEMPTY':
    case 'ERR_FS_EISDIR':
      return new QuiltError('invalid-object-key', `'${key}' is a folder`, options)
    case 'ENAMETOOLONG':
      return new QuiltError('invalid-object-key', `'${key}' is too long a name for this file system`, options)
    case 'EROFS':
      return new QuiltError('access-denied', `'${key}' is on a read-only file system`, options)
    default:
      return fromSystemError(error, key)
  }
}

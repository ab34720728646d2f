import { S3ServiceException } from '@aws-sdk/client-s3'

import type { QuiltErrorCode } from '../catalogue.ts'
import { QuiltError } from '../error.ts'

/** Whether S3 answered that there is no such object or version. */
export function isMissingObject(error: unknown): boolean {
  return error instanceof S3ServiceException && codeOf(error) === 'object-not-found'
}

/** Whether S3 answered that the range begins behind the end of the object. */
export function isInvalidRange(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416
}

/** Whether the server does not know conditional writes. */
export function isNotImplemented(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 501
}

/** The QuiltError for a failed request about `where`, an s3:// address. */
export function s3Error(error: unknown, where: string): QuiltError {
  if (error instanceof QuiltError) return error
  const options = { where, cause: error }
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode
    const answer = `${error.name}${status === undefined ? '' : ` (${String(status)})`}`
    return new QuiltError(codeOf(error), `${where}: S3 answered ${answer}`, options)
  }
  const name = nameOf(error)
  if (name === 'AbortError') return new QuiltError('aborted', 'the call was aborted', options)
  if (name === 'CredentialsProviderError')
    return new QuiltError('access-denied', `${where}: there are no credentials for S3`, options)
  const reason = error instanceof Error ? error.message : String(error)
  return new QuiltError('storage-failed', `${where}: S3 was not reached: ${reason}`, options)
}

/** S3 answers these with status 400. Source: Amazon S3 API reference, error responses. */
const expired: ReadonlySet<string> = new Set(['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired'])

function codeOf(error: S3ServiceException): QuiltErrorCode {
  if (expired.has(error.name)) return 'credentials-expired'
  switch (error.$metadata.httpStatusCode) {
    case 404:
      return error.name === 'NoSuchBucket' ? 'bucket-not-found' : 'object-not-found'
    case 405:
      // reading a delete marker by its version
      return 'object-not-found'
    case 401:
    case 403:
      return 'access-denied'
    case 409:
    case 412:
      return 'object-changed'
    case 416:
      return 'invalid-range'
    default:
      return 'storage-failed'
  }
}

function nameOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'name' in error && typeof error.name === 'string'
    ? error.name
    : undefined
}

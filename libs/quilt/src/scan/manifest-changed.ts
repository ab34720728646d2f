import { QuiltError } from '../error.ts'

/** That a manifest file is no longer what its index says. */
export function manifestChanged(cause?: unknown): QuiltError {
  return new QuiltError('manifest-changed', 'the manifest file has changed since it was opened', {
    ...(cause === undefined ? {} : { cause })
  })
}

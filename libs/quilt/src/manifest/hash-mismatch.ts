import { QuiltError } from '../error.ts'

/** Of a manifest that was changed or damaged where it is kept. */
export function hashMismatch(expected: string, found: string): QuiltError {
  return new QuiltError(
    'manifest-hash-mismatch',
    `the manifest is stored as ${expected}, but what it says has the top hash ${found}`
  )
}

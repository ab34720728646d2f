import { CodedError } from '@fast-mcp/errors'

/** An error in words, with what was seen. */
export function inWords(error: unknown): string {
  if (error instanceof CodedError)
    return error.evidence === undefined ? error.message : `${error.message}: ${error.evidence}`
  return error instanceof Error ? error.message : String(error)
}

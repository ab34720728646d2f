import { QuiltError } from '@fast-mcp/quilt'
import { nextStep } from '../tools/next-step.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import { visibleReason } from '../tools/visible.ts'
import { errorCodes, ProtocolError, type ErrorCode } from './protocol-error.ts'

/** Codes of failures that mean: there is no such resource, or none for this caller. An address that is none leads to none. */
const missing: ReadonlySet<string> = new Set([
  'invalid-uri',
  'invalid-package-name',
  'registry-unknown',
  'package-not-found',
  'revision-not-found',
  'entry-not-found',
  'folder-not-found',
  'object-not-found',
  'bucket-not-found'
])

/** Codes of failures that mean: the params are wrong. */
const invalid: ReadonlySet<string> = new Set([
  'invalid-cursor',
  'invalid-range',
  'invalid-top-hash',
  'ambiguous-hash'
])

/**
 * Does the work of a method that is no tool call: a failure that can be expected becomes a protocol error with code,
 * reason and next step in its message and its data.
 */
export async function withExpectedFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ToolFailure) throw protocolError(error.code, error.message, error.next)
    if (error instanceof QuiltError) throw protocolError(error.code, error.message, nextStep(error))
    throw error
  }
}

function protocolError(code: string, message: string, next: string): ProtocolError {
  const reason = visibleReason(message)
  return new ProtocolError(numberOf(code), `${reason} [${code}]. ${next}`, { code, reason, next })
}

function numberOf(code: string): ErrorCode {
  if (missing.has(code)) return errorCodes.resourceNotFound
  return invalid.has(code) ? errorCodes.invalidParams : errorCodes.internalError
}

import { catalogue, type ErrorCode } from './catalogue.ts'

export interface CodedErrorOptions {
  /** What the reader can do about it: one imperative sentence, with the command where there is one. */
  readonly remedy: string
  /** What was seen: a log tail, a response, a pair of digests. Printed below the message. */
  readonly evidence?: string
  readonly cause?: unknown
}

/**
 * The one error type of the workspace. The message names the value and what was expected, `remedy` says what to
 * do, `code` is stable and listed in the catalogue.
 */
export class CodedError extends Error {
  override readonly name = 'CodedError'
  readonly code: ErrorCode
  readonly remedy: string
  readonly evidence: string | undefined

  constructor(code: ErrorCode, message: string, options: CodedErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = options.remedy
    this.evidence = options.evidence
  }

  /** What the process ends with when this error ends it: 1, 2 or 3, see the catalogue. */
  get exitCode(): number {
    return catalogue[this.code].exitCode
  }

  toJSON(): { code: ErrorCode; message: string; remedy: string; evidence?: string } {
    return {
      code: this.code,
      message: this.message,
      remedy: this.remedy,
      ...(this.evidence === undefined ? {} : { evidence: this.evidence })
    }
  }
}

export interface QuiltErrorOptions {
  /** What the reader can do about it: one imperative sentence. */
  readonly remedy: string
  readonly cause?: unknown
}

/** The error type of this library: a stable code, a message that names the value, and what to do about it. */
export class QuiltError extends Error {
  override readonly name = 'QuiltError'
  readonly code: string
  readonly remedy: string

  constructor(code: string, message: string, options: QuiltErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = options.remedy
  }
}

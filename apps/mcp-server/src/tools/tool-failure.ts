export interface ToolFailureOptions {
  /** What a model or a person does next: one imperative sentence. */
  readonly next: string
  readonly cause?: unknown
}

/** A failure that can be expected. The client gets code, reason and next step as a tool error, not as a protocol error. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure'
  /** Stable, lower case with hyphens. */
  readonly code: string
  readonly next: string

  constructor(code: string, reason: string, options: ToolFailureOptions) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.next = options.next
  }
}

import { AbortFlag } from '../scan/abort-flag.ts'
import { toFailure, type Request, type Response } from './protocol.ts'
import { perform } from './tasks.ts'

/** Does what a request asks for, and says what to send back and which memory goes with it. */
export function respond({ id, abort, task }: Request): {
  readonly response: Response
  readonly transfer: readonly ArrayBuffer[]
} {
  try {
    const result = perform(task, new AbortFlag(abort))
    const transfer =
      result instanceof Uint8Array && result.buffer instanceof ArrayBuffer ? [result.buffer] : []
    return { response: { id, result }, transfer }
  } catch (error) {
    return { response: { id, failure: toFailure(error) }, transfer: [] }
  }
}

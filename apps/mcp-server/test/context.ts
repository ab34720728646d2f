import { localPrincipal } from '../src/principal.ts'
import type { CallContext } from '../src/protocol/method.ts'
import { memoryLog } from './server.ts'

/** The context of a call by the local principal that is never cancelled; what it tells the client goes nowhere. */
export function testContext(overrides: Partial<CallContext> = {}): CallContext {
  return {
    signal: new AbortController().signal,
    log: memoryLog().log,
    principal: localPrincipal,
    filter: undefined,
    session: undefined,
    progress: () => undefined,
    notify: () => undefined,
    ...overrides
  }
}

import { answerDirectly } from '../src/protocol/direct.ts'
import type { CallContext, Method } from '../src/protocol/method.ts'
import { testContext } from './context.ts'

/** Calls a method as a client does, and gives the parsed result or error. */
export type CallMethod = (
  method: string,
  params?: object
) => Promise<{ readonly result?: unknown; readonly error?: unknown }>

/** The methods of a map, called through the direct door. */
export function caller(
  methods: ReadonlyMap<string, Method>,
  overrides: Partial<CallContext> = {}
): CallMethod {
  const context = testContext(overrides)
  return async (method, params = {}) => {
    const message = { jsonrpc: '2.0', id: 1, method, params }
    const { body } = await answerDirectly(methods, message, '2025-11-25', () => context)
    const answer: unknown = JSON.parse(body ?? '')
    return typeof answer === 'object' && answer !== null ? answer : {}
  }
}

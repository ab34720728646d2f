import { createHmac, timingSafeEqual } from 'node:crypto'
import { isObject } from '../../src/protocol/message.ts'
import { errorCodes, ProtocolError } from '../../src/protocol/protocol-error.ts'
import { text, user } from './content.ts'
import type { FixtureCall, FixtureTool } from './fixture-tool.ts'

const key = 'a key of this test alone'

/** A state that only this server can have made. */
export function seal(state: string): string {
  return `${state}.${createHmac('sha256', key).update(state).digest('base64url')}`
}

/** The state in a sealed one. Throws ProtocolError -32602 where it was changed. */
export function unseal(sealed: string): string {
  const state = sealed.slice(0, sealed.lastIndexOf('.'))
  const expected = Buffer.from(seal(state))
  const given = Buffer.from(sealed)
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new ProtocolError(errorCodes.invalidParams, 'The state was changed')
  return state
}

export function elicitation(message: string, property: string, type = 'string'): object {
  const requestedSchema = { type: 'object', properties: { [property]: { type } }, required: [property] }
  return { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema } }
}

function sampling(question: string, maxTokens: number): object {
  return { method: 'sampling/createMessage', params: { messages: [user(text(question))], maxTokens } }
}

const roots = { method: 'roots/list', params: {} }

export function inputRequired(inputRequests: object, requestState?: string): object {
  return {
    resultType: 'input_required',
    inputRequests,
    ...(requestState === undefined ? {} : { requestState: seal(requestState) })
  }
}

/** A tool that needs the client's answers to these before it says what it made of them. */
function needing(
  name: string,
  requests: Readonly<Record<string, object>>,
  answer: (inputs: Readonly<Record<string, unknown>>) => string,
  state?: string
): FixtureTool {
  return {
    name,
    call: (call) => {
      if (call.state !== undefined && state !== undefined && unseal(call.state) !== state)
        throw new ProtocolError(errorCodes.invalidParams, 'The state belongs to another call')
      return answered(call, Object.keys(requests))
        ? { content: [text(answer(call.inputs ?? {}))] }
        : inputRequired(requests, state)
    }
  }
}

export function answered({ inputs }: Pick<FixtureCall, 'inputs'>, keys: readonly string[]): boolean {
  return inputs !== undefined && keys.every((one) => isObject(inputs[one]))
}

const askName = elicitation('What is your name?', 'name')

/** Tools that end with the news that they need input, as the newest revision has it. */
export const inputTools: readonly FixtureTool[] = [
  needing(
    'test_input_required_result_elicitation',
    { user_name: askName },
    ({ user_name: name }) => `Hello, ${JSON.stringify(name)}!`
  ),
  needing(
    'test_input_required_result_sampling',
    { capital_question: sampling('What is the capital of France?', 100) },
    (inputs) => JSON.stringify(inputs)
  ),
  needing('test_input_required_result_list_roots', { client_roots: roots }, (inputs) =>
    JSON.stringify(inputs)
  ),
  needing(
    'test_input_required_result_request_state',
    { confirm: elicitation('Please confirm', 'ok', 'boolean') },
    () => 'state-ok',
    'state'
  ),
  needing(
    'test_input_required_result_multiple_inputs',
    { user_name: askName, greeting: sampling('Generate a greeting', 50), client_roots: roots },
    (inputs) => JSON.stringify(inputs),
    'several'
  ),
  needing(
    'test_input_required_result_tampered_state',
    { confirm: elicitation('Please confirm', 'ok', 'boolean') },
    () => 'state-ok',
    'tampered'
  ),
  needing(
    'test_missing_capability',
    { capital_question: sampling('What is the capital of France?', 100) },
    () => 'Asked.'
  ),
  {
    name: 'test_input_required_result_capabilities',
    call: ({ context, inputs }) => {
      void context
      return inputs === undefined
        ? inputRequired({ capital_question: sampling('What is the capital of France?', 100) })
        : { content: [text('Asked.')] }
    }
  },
  {
    name: 'test_streaming_elicitation',
    call: (call) => {
      call.context.progress(1, 2)
      return answered(call, ['user_name'])
        ? { content: [text('Hello.')] }
        : inputRequired({ user_name: askName })
    }
  },
  {
    name: 'test_input_required_result_multi_round',
    call: (call) => {
      const round = call.state === undefined ? 'none' : unseal(call.state)
      if (round === 'round 1' && answered(call, ['step1']))
        return inputRequired(
          { step2: elicitation('Step 2: What is your favorite color?', 'color') },
          'round 2'
        )
      if (round === 'round 2' && answered(call, ['step2'])) return { content: [text('Both steps done.')] }
      return inputRequired({ step1: elicitation('Step 1: What is your name?', 'name') }, 'round 1')
    }
  }
]

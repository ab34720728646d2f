import { z } from 'zod'
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { method, type CallContext, type Method } from '../../src/protocol/method.ts'
import { errorCodes, ProtocolError } from '../../src/protocol/protocol-error.ts'

/** Arguments of a call, and what the client gave in answer to the input that was asked for before. */
export interface FixtureCall {
  readonly args: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, unknown>> | undefined
  readonly state: string | undefined
  readonly context: CallContext
}

/** A tool of the suite: raw schema and raw result, since that is what the suite looks at. */
export interface FixtureTool {
  readonly name: string
  readonly inputSchema?: object
  readonly call: (call: FixtureCall) => object | Promise<object>
}

const retry = z.looseObject({
  params: z.looseObject({
    inputResponses: z.record(z.string(), z.unknown()).optional(),
    requestState: z.string().optional()
  })
})

/** What a call that goes on after input brings besides. */
export function retryOf(request: unknown): Pick<FixtureCall, 'inputs' | 'state'> {
  const parsed = retry.safeParse(request)
  return parsed.success
    ? { inputs: parsed.data.params.inputResponses, state: parsed.data.params.requestState }
    : { inputs: undefined, state: undefined }
}

/** tools/list and tools/call over tools of the suite. */
export function fixtureToolMethods(tools: readonly FixtureTool[]): ReadonlyMap<string, Method> {
  const listed = tools.map(({ name, inputSchema = { type: 'object' } }) => ({
    name,
    description: `For the suite: ${name}`,
    inputSchema
  }))
  return new Map<string, Method>([
    ['tools/list', () => ({ result: { tools: listed } })],
    [
      'tools/call',
      (request, context) =>
        method(CallToolRequestSchema, async ({ params }) => {
          const tool = tools.find(({ name }) => name === params.name)
          if (tool === undefined) throw new ProtocolError(errorCodes.invalidParams, 'Unknown tool')
          const args = params.arguments ?? {}
          return { result: await tool.call({ args, context, ...retryOf(request) }), tool: tool.name }
        })(request, context)
    ]
  ])
}

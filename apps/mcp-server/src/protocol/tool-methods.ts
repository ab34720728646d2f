import { QuiltError } from '@fast-mcp/quilt'
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import type { Logger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import type { Services } from '../services.ts'
import type { ToolFilter } from '../tools/filter.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import { method, type Answer, type CallContext, type Method } from './method.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'

/** Key of a listed tool's examples in its `_meta`: a list of arguments that work on the sample registry. */
export const examplesKey = 'quilt-mcp/examples'
/** Key of a failed call's code, reason and next step in the result's `_meta`. */
export const failureKey = 'quilt-mcp/failure'

/** The tools as tools/list gives them, JSON schemas compiled. `withExamples` where the sample registry is served. */
export function describeTools(tools: readonly Tool[], withExamples: boolean): readonly object[] {
  return tools.map((tool) => ({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchema(tool.input, 'input'),
    outputSchema: jsonSchema(tool.output, 'output'),
    annotations: { title: tool.title, ...tool.annotations },
    ...(withExamples ? { _meta: { [examplesKey]: tool.examples } } : {})
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const compiled = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  // 2020-12 is the dialect that MCP means where none is named
  delete compiled.$schema
  return compiled
}

/** tools/call over a list of tools. An unknown tool is a protocol error, a failure of the tool a result with isError. */
export function callTool(tools: readonly Tool[], services: Services): Method {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  return method(CallToolRequestSchema, async ({ params }, context) => {
    const tool = byName.get(params.name)
    if (tool === undefined)
      throw new ProtocolError(errorCodes.invalidParams, 'Unknown tool; tools/list names them all')
    try {
      const toolContext = new ToolCall(context, services)
      const { structured, line, content = [] } = await tool.run(params.arguments ?? {}, toolContext)
      return {
        result: { content: [{ type: 'text', text: line }, ...content], structuredContent: structured },
        tool: tool.name
      }
    } catch (error) {
      return failed(tool, asToolFailure(error, tool, context))
    }
  })
}

/** The context of a call with the services beside it. What a door makes on demand stays so. */
class ToolCall implements ToolContext {
  readonly services: Services
  readonly #call: CallContext

  constructor(call: CallContext, services: Services) {
    this.services = services
    this.#call = call
  }

  get signal(): AbortSignal {
    return this.#call.signal
  }

  get log(): Logger {
    return this.#call.log
  }

  get principal(): Principal {
    return this.#call.principal
  }

  get filter(): ToolFilter | undefined {
    return this.#call.filter
  }

  progress(...args: Parameters<CallContext['progress']>): void {
    this.#call.progress(...args)
  }

  notify(...args: Parameters<CallContext['notify']>): void {
    this.#call.notify(...args)
  }
}

function failed(tool: Tool, { code, message, next }: ToolFailure): Answer {
  return {
    result: {
      content: [{ type: 'text', text: `${message} [${code}]. ${next}` }],
      isError: true,
      _meta: { [failureKey]: { code, reason: message, next } }
    },
    tool: tool.name,
    outcome: 'tool-error'
  }
}

function asToolFailure(error: unknown, tool: Tool, context: CallContext): ToolFailure {
  if (error instanceof ToolFailure) return error
  if (error instanceof QuiltError)
    return new ToolFailure(error.code, error.message, { next: error.remedy, cause: error })
  context.log.error({ err: error, tool: tool.name }, 'a tool failed')
  return new ToolFailure('internal', 'the server could not do this', {
    next: 'Try again later; the log of the server has the cause.'
  })
}

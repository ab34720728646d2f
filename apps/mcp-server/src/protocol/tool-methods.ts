import { QuiltError } from '@fast-mcp/quilt'
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type LoggingLevel
} from '@modelcontextprotocol/sdk/types.js'
import type { Logger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import type { Services } from '../services.ts'
import type { ToolFilter } from '../tools/filter.ts'
import { nextStep } from '../tools/next-step.ts'
import type { ServedTools } from '../tools/served-tools.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import { visibleReason } from '../tools/visible.ts'
import { fixed, method, type Answer, type CallContext, type ClientSession, type Method } from './method.ts'
import { plainCall, plainPage, type PlainCall, type PlainPage } from './plain-request.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'

/** Key of a failed call's code, reason and next step in the result's `_meta`. */
export const failureKey = 'quilt-mcp/failure'

/** tools/list. What a request narrows the tools to is listed for it alone. */
export function listTools(tools: ServedTools): Method {
  const all = fixed({ tools: tools.list })
  return method<PlainPage>(
    ListToolsRequestSchema,
    ({ params }, context) => {
      if (params?.cursor !== undefined)
        throw new ProtocolError(
          errorCodes.invalidParams,
          'Invalid params: no page of this list has that cursor'
        )
      const narrowed = tools.narrowed(context)
      return narrowed === undefined ? all : { result: { tools: narrowed } }
    },
    plainPage
  )
}

/**
 * tools/call. An unknown tool is a protocol error, a failure of the tool a result with isError; so is a call that the
 * caller has no scope for. `onChange` is told after every call of a tool that writes, even one that failed.
 */
export function callTool(tools: ServedTools, services: Services, onChange: () => void): Method {
  return method<PlainCall>(
    CallToolRequestSchema,
    async ({ params }, context) => {
      const found = tools.find(params.name, params.arguments ?? {}, context)
      if (found === undefined)
        throw new ProtocolError(errorCodes.invalidParams, 'Unknown tool; tools/list names them all')
      const { tool, args } = found
      try {
        if (!context.principal.scopes.has(tool.scope)) throw insufficientScope(tool)
        const running = tool.run(args, new ToolCall(context, services))
        // to wait for what is there already would take longer than making it
        const { structured, line, content = [] } = running instanceof Promise ? await running : running
        return {
          result: { content: [{ type: 'text', text: line }, ...content], structuredContent: structured },
          tool: tool.name
        }
      } catch (error) {
        return failed(tool, asToolFailure(error, tool, context))
      } finally {
        if (tool.scope === 'write') onChange()
      }
    },
    plainCall
  )
}

function insufficientScope({ name, scope }: Tool): ToolFailure {
  return new ToolFailure(
    'insufficient-scope',
    `${name} needs the scope ${scope}, which the caller does not have`,
    {
      next: 'Ask for a token with that scope, or use tools that only read.'
    }
  )
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

  get session(): ClientSession | undefined {
    return this.#call.session
  }

  progress(done: number, total?: number, message?: string): void {
    this.#call.progress(done, total, message)
  }

  notify(level: LoggingLevel, data: string): void {
    this.#call.notify(level, data)
  }
}

function failed(tool: Tool, { code, message, next }: ToolFailure): Answer {
  const reason = visibleReason(message)
  return {
    result: {
      content: [{ type: 'text', text: `${reason} [${code}]. ${next}` }],
      isError: true,
      _meta: { [failureKey]: { code, reason, next } }
    },
    tool: tool.name,
    outcome: 'tool-error'
  }
}

function asToolFailure(error: unknown, tool: Tool, context: CallContext): ToolFailure {
  if (error instanceof ToolFailure) return error
  if (error instanceof QuiltError)
    return new ToolFailure(error.code, error.message, { next: nextStep(error), cause: error })
  context.log.error({ err: error, tool: tool.name }, 'a tool failed')
  return new ToolFailure('internal', 'the server could not do this', {
    next: 'Try again later; the log of the server has the cause.'
  })
}

import {
  GetPromptRequestSchema,
  InitializeRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  PingRequestSchema,
  ReadResourceRequestSchema
} from '@modelcontextprotocol/sdk/types.js'
import type { z } from 'zod'
import type { Services } from '../services.ts'
import { serveTools } from '../tools/served-tools.ts'
import type { Tool } from '../tools/tool.ts'
import { loggingMethods } from './logging-methods.ts'
import { fixed, method, type Method } from './method.ts'
import { errorCodes, ProtocolError, type ErrorCode } from './protocol-error.ts'
import { knownRevision, newestRevision } from './revisions.ts'
import { callTool, listTools } from './tool-methods.ts'

export interface MethodsOptions {
  readonly services: Services
  readonly tools: readonly Tool[]
  /** For a model: what the server is for and where to begin. */
  readonly instructions: string
  /** The sample registry is the default one, so the tools' examples work. */
  readonly withExamples: boolean
}

/** Every method of the protocol that the server answers, by name. Every door leads here; lists are serialized here, once. */
export function createMethods(options: MethodsOptions): ReadonlyMap<string, Method> {
  const { name, title, revision } = options.services.identity
  const tools = serveTools(options.tools, options.withExamples)
  const about = {
    // No listChanged and no subscribe: without sessions nobody could be told.
    capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} },
    serverInfo: { name, title, version: revision },
    instructions: options.instructions
  }
  return new Map<string, Method>([
    [
      'initialize',
      method(InitializeRequestSchema, ({ params }) => ({
        result: { protocolVersion: knownRevision(params.protocolVersion) ?? newestRevision, ...about }
      }))
    ],
    ...loggingMethods,
    ['ping', always(PingRequestSchema, {})],
    ['tools/list', listTools(tools)],
    ['tools/call', callTool(tools, options.services)],
    ['resources/list', list(ListResourcesRequestSchema, 'resources', [])],
    ['resources/templates/list', list(ListResourceTemplatesRequestSchema, 'resourceTemplates', [])],
    ['resources/read', nothing(ReadResourceRequestSchema, errorCodes.resourceNotFound, 'Resource not found')],
    ['prompts/list', list(ListPromptsRequestSchema, 'prompts', [])],
    ['prompts/get', nothing(GetPromptRequestSchema, errorCodes.invalidParams, 'Unknown prompt')]
  ])
}

function always(schema: z.ZodType, result: object): Method {
  const answer = fixed(result)
  return method(schema, () => answer)
}

type ListRequest = z.ZodType<{ params?: { cursor?: string | undefined } | undefined }>

/** A list of one page: it never gave a cursor, so any cursor is a wrong one. */
function list(schema: ListRequest, key: string, items: readonly object[]): Method {
  const answer = fixed({ [key]: items })
  return method(schema, ({ params }) => {
    if (params?.cursor !== undefined)
      throw new ProtocolError(
        errorCodes.invalidParams,
        'Invalid params: no page of this list has that cursor'
      )
    return answer
  })
}

/** Reads from a list that is empty: the params are checked, and there never is what they name. */
function nothing(schema: z.ZodType, code: ErrorCode, message: string): Method {
  return method(schema, () => {
    throw new ProtocolError(code, message)
  })
}

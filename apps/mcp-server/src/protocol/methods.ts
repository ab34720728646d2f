import { InitializeRequestSchema, PingRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import type { z } from 'zod'
import { prompts } from '../prompts/index.ts'
import { resourceTemplates } from '../resources/templates.ts'
import type { Services } from '../services.ts'
import { serveTools } from '../tools/served-tools.ts'
import type { Tool } from '../tools/tool.ts'
import { completionMethods } from './completion-methods.ts'
import { loggingMethods } from './logging-methods.ts'
import { fixed, method, type Answer, type Method } from './method.ts'
import { promptMethods } from './prompt-methods.ts'
import { RecentAnswers } from './recent-answers.ts'
import { resourceMethods } from './resource-methods.ts'
import { newestRevision, revisions, type Revision } from './revisions.ts'
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
  const recent = new RecentAnswers()
  const about = {
    // No listChanged and no subscribe: without sessions nobody could be told.
    capabilities: { tools: {}, resources: {}, prompts: {}, completions: {}, logging: {} },
    serverInfo: { name, title, version: revision },
    instructions: options.instructions
  }
  const introduce = (protocolVersion: Revision): Answer => fixed({ protocolVersion, ...about })
  const introductions = new Map<string, Answer>(revisions.map((name) => [name, introduce(name)]))
  const newest = introduce(newestRevision)
  return new Map<string, Method>([
    [
      'initialize',
      method(InitializeRequestSchema, ({ params }) => introductions.get(params.protocolVersion) ?? newest)
    ],
    ...loggingMethods,
    ['ping', always(PingRequestSchema, {})],
    ['tools/list', listTools(tools)],
    ['tools/call', callTool(tools, options.services, () => recent.forget())],
    ...resourceMethods(options.services, recent),
    ...promptMethods(prompts),
    ...completionMethods({ services: options.services, prompts, templates: resourceTemplates })
  ])
}

function always(schema: z.ZodType, result: object): Method {
  const answer = fixed(result)
  return method(schema, () => answer)
}

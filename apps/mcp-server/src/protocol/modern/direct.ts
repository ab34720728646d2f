import type { IncomingHttpHeaders } from 'node:http'
import { call, type Called } from '../call.ts'
import { errorText, resultReply, type Reply } from '../direct.ts'
import { isObject, type RequestId } from '../message.ts'
import { fixed, type Answer, type ContextOf, type Method } from '../method.ts'
import { errorCodes, ProtocolError } from '../protocol-error.ts'
import { modernRevision, one } from './claims.ts'
import type { Introduction } from './introduction.ts'
import { decodeHeader, paramHeaderProblem, type ParamHeader } from './param-headers.ts'
import { ModernResults } from './result.ts'
import type { ModernRoute } from './route.ts'

/** What the direct door made of a message: its reply; or what was called, and where nothing was, undefined, for the SDK to go on from. */
export type DirectOutcome =
  | { readonly reply: Reply }
  | { readonly reply: undefined; readonly called: Called | undefined }

export interface ModernDirectOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly introduction: Introduction
  /** By tool. */
  readonly paramHeaders: ReadonlyMap<string, readonly ParamHeader[]>
}

const lists: ReadonlySet<string> = new Set([
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list'
])

const notMine: DirectOutcome = { reply: undefined, called: undefined }

/**
 * The quick way for what clients of the newest revision send most: lists, discovery and calls of tools, with headers
 * and params as they should be. Everything else, what is wrong above all, is left to the SDK: so there is one place
 * that says what is wrong. What both can answer, they answer alike.
 */
export class ModernDirect {
  readonly #options: ModernDirectOptions
  readonly #results: ModernResults
  readonly #discovery: Answer

  constructor(options: ModernDirectOptions) {
    const { capabilities, serverInfo, instructions } = options.introduction
    this.#options = options
    this.#results = new ModernResults(serverInfo)
    this.#discovery = fixed({
      supportedVersions: [modernRevision],
      capabilities,
      ...(instructions === undefined ? {} : { instructions })
    })
  }

  async answer(
    route: ModernRoute,
    headers: IncomingHttpHeaders,
    contextOf: ContextOf
  ): Promise<DirectOutcome> {
    if (route.kind === 'reject' || route.messageKind === 'notification') return notMine
    const { id, method, params = {} } = route.message
    if (
      route.classification.revision !== modernRevision ||
      headers['mcp-protocol-version'] !== modernRevision ||
      headers['mcp-method'] !== method
    )
      return notMine
    if (method === 'server/discover') return this.#reply(id, method, this.#discovery)
    if (method === 'tools/call') {
      const { name, arguments: args } = params
      if (typeof name !== 'string' || decodeHeader(one(headers['mcp-name']) ?? '') !== name) return notMine
      if (args !== undefined && !isObject(args)) return notMine
      const wanted = this.#options.paramHeaders.get(name)
      const problem = wanted === undefined ? undefined : paramHeaderProblem(wanted, args, headers)
      if (problem !== undefined) return mismatch(id, method, problem)
    } else if (!lists.has(method) || (params['cursor'] !== undefined && typeof params['cursor'] !== 'string'))
      return notMine
    const request = { id, method, params }
    const called = await call(this.#options.methods, request, contextOf(request))
    if (called.error !== undefined) {
      // a method that this server does not have has a status of its own
      if (called.error.code === errorCodes.methodNotFound) return { reply: undefined, called }
      return { reply: { status: 200, body: errorText(id, called.error), record: called.record } }
    }
    // whether the client can give what is asked of it is for the SDK to judge
    return 'resultType' in called.answer.result
      ? { reply: undefined, called }
      : this.#reply(id, method, called.answer, called.record)
  }

  #reply(
    id: RequestId,
    method: string,
    answer: Answer,
    record: Reply['record'] = { method, outcome: 'ok' }
  ): DirectOutcome {
    const { json, bytes } = this.#results.text(method, answer)
    return { reply: resultReply(id, json, record, bytes) }
  }
}

function mismatch(id: RequestId, method: string, problem: string): DirectOutcome {
  const error = new ProtocolError(errorCodes.headerMismatch, `Headers and body disagree: ${problem}`)
  return { reply: { status: 400, body: errorText(id, error), record: { method, outcome: error.code } } }
}

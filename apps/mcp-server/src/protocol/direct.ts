import { call, type CallRecord } from './call.ts'
import { classify, type RequestId } from './message.ts'
import type { ContextOf, Method } from './method.ts'
import { NestedTooDeep } from './parse.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'
import { hasBatches, type Revision } from './revisions.ts'

/** What goes back over HTTP, and what the log says of it. */
export interface Reply {
  readonly status: number
  /** JSON text; undefined for an answer without a body. */
  readonly body: string | undefined
  /** Length of the body in UTF-8, where it is known. */
  readonly bytes?: number
  /** The method is `notification`, `response`, `batch` or `invalid` for what is no request. */
  readonly record: CallRecord
}

const maxBatch = 50

/**
 * The stateless door: one parsed JSON value in, one reply out, nothing kept between calls. Never throws.
 * Source: MCP, "Transports", Streamable HTTP, sending messages to the server.
 */
export function answerDirectly(
  methods: ReadonlyMap<string, Method>,
  value: unknown,
  revision: Revision,
  contextOf: ContextOf
): Promise<Reply> {
  return Array.isArray(value)
    ? answerBatch(methods, value, revision, contextOf)
    : answerOne(methods, value, contextOf)
}

/** The reply to a body that is not a message at all. */
export function refuse(error: ProtocolError, id: RequestId | null = null): Reply {
  const record: CallRecord = { method: 'invalid', outcome: error.code }
  return {
    status: 400,
    body: errorText(id, error),
    record: error instanceof NestedTooDeep ? { ...record, limit: 'json-depth' } : record
  }
}

async function answerOne(
  methods: ReadonlyMap<string, Method>,
  value: unknown,
  contextOf: ContextOf
): Promise<Reply> {
  const message = classify(value)
  switch (message.kind) {
    case 'notification':
    case 'response':
      return { status: 202, body: undefined, record: { method: message.kind, outcome: 'ok' } }
    case 'invalid':
      return refuse(message.error, message.id)
    case 'request': {
      const { record, answer, error } = await call(methods, message.request, contextOf(message.request))
      if (error !== undefined) return { status: 200, body: errorText(message.id, error), record }
      const { json = JSON.stringify(answer.result), bytes } = answer
      return resultReply(message.id, json, record, bytes)
    }
  }
}

async function answerBatch(
  methods: ReadonlyMap<string, Method>,
  values: readonly unknown[],
  revision: Revision,
  contextOf: ContextOf
): Promise<Reply> {
  const problem = batchProblem(values, revision)
  if (problem !== undefined) return refuse(problem)
  const replies = await Promise.all(values.map((value) => answerOne(methods, value, contextOf)))
  const record = recordOfBatch(replies)
  const bodies = replies.flatMap((reply) => (reply.body === undefined ? [] : [reply.body]))
  return bodies.length === 0
    ? { status: 202, body: undefined, record }
    : { status: 200, body: `[${bodies.join(',')}]`, record }
}

/** What is logged of a batch: the first outcome that is not good, and the tools that were called. */
function recordOfBatch(replies: readonly Reply[]): CallRecord {
  const outcomes = replies.map(({ record }) => record.outcome)
  const tools = [...new Set(replies.flatMap(({ record }) => record.tool ?? []))]
  const outcome = outcomes.find((one) => one !== 'ok') ?? 'ok'
  return { method: 'batch', outcome, ...(tools.length === 0 ? {} : { tools }) }
}

function batchProblem(values: readonly unknown[], revision: Revision): ProtocolError | undefined {
  const problem = !hasBatches(revision)
    ? `revision ${revision} has no batches`
    : values.length === 0 || values.length > maxBatch
      ? `a batch has 1 to ${String(maxBatch)} messages`
      : values.some(isInitialize)
        ? 'initialize is never part of a batch'
        : undefined
  return problem === undefined
    ? undefined
    : new ProtocolError(errorCodes.invalidRequest, `Invalid request: ${problem}`)
}

function isInitialize(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'method' in value && value.method === 'initialize'
}

/**
 * The reply that carries a result, given as JSON. It is measured before the rest is put around it: what is put together
 * would be copied into one piece for that, and once more when it is sent.
 */
export function resultReply(
  id: RequestId,
  json: string,
  record: CallRecord,
  bytes = Buffer.byteLength(json)
): Reply {
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`
  return { status: 200, body: `${head}${json}}`, bytes: Buffer.byteLength(head) + bytes + 1, record }
}

/** The JSON-RPC response that carries an error. */
export function errorText(id: RequestId | null, error: ProtocolError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: error.toObject() })
}

import { classifyInboundRequest, type InboundClassificationOutcome } from '@modelcontextprotocol/server'
import type { IncomingHttpHeaders } from 'node:http'
import { isId, isObject, type RawRequest, type RequestId } from '../message.ts'
import { claimsModern, modernRevision, one } from './claims.ts'

/** What belongs to the newest revision: a request or notification of it, or what is refused by its rules. */
export type ModernRoute = Exclude<InboundClassificationOutcome, { kind: 'legacy' }> | PlainRoute

/** A request with nothing wrong in it, as the SDK has it. */
interface PlainRoute {
  readonly kind: 'modern'
  readonly messageKind: 'request'
  readonly message: RawRequest & {
    readonly id: RequestId
    readonly params: Readonly<Record<string, unknown>>
  }
  readonly classification: { readonly era: 'modern'; readonly revision: string }
}

/** Envelopes that are remembered, and the most characters of each. */
const maxEnvelopes = 64
const maxEnvelopeLength = 1000

/**
 * Says whose rules a posted JSON value falls under. The SDK decides; what it has decided of an envelope, the `_meta` in
 * which a client says the same with every request, is remembered, since to look at it again takes longer than a call.
 */
export class ModernRouter {
  readonly #accepted = new Set<string>()

  /** How many envelopes it remembers. */
  get remembered(): number {
    return this.#accepted.size
  }

  /** Undefined for what falls under the rules of the revisions before. */
  route(headers: IncomingHttpHeaders, value: unknown): ModernRoute | undefined {
    if (!claimsModern(headers, value)) return undefined
    const request = plainRequest(headers, value)
    if (request !== undefined && this.#accepted.has(request.envelope)) return request.route
    const route = bySdk(headers, value)
    if (request !== undefined && route?.kind === 'modern') this.#remember(request.envelope)
    return route
  }

  #remember(envelope: string): void {
    if (envelope.length > maxEnvelopeLength) return
    // all are forgotten at once: clients whose envelopes differ each time, by a trace say, must not keep out the others
    if (this.#accepted.size >= maxEnvelopes) this.#accepted.clear()
    this.#accepted.add(envelope)
  }
}

function bySdk(headers: IncomingHttpHeaders, value: unknown): ModernRoute | undefined {
  const protocolVersion = one(headers['mcp-protocol-version'])
  const method = one(headers['mcp-method'])
  const name = one(headers['mcp-name'])
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    ...(protocolVersion === undefined ? {} : { protocolVersionHeader: protocolVersion }),
    ...(method === undefined ? {} : { mcpMethodHeader: method }),
    ...(name === undefined ? {} : { mcpNameHeader: name }),
    body: value
  })
  return outcome.kind === 'legacy' ? undefined : outcome
}

interface PlainRequest {
  /** What the SDK makes of it where it accepts the envelope. */
  readonly route: PlainRoute
  /** `_meta` as JSON, without the token, which is another one in each request. */
  readonly envelope: string
}

/** A request of which everything but the envelope is seen to be right; undefined for every other value. */
function plainRequest(headers: IncomingHttpHeaders, value: unknown): PlainRequest | undefined {
  if (!isObject(value) || Object.keys(value).length !== 4) return undefined
  const { jsonrpc, id, method, params } = value
  if (jsonrpc !== '2.0' || !isId(id) || typeof method !== 'string' || method === 'initialize')
    return undefined
  if (headers['mcp-protocol-version'] !== modernRevision || headers['mcp-method'] !== method) return undefined
  if (!isObject(params)) return undefined
  const { _meta: meta } = params
  if (!isObject(meta)) return undefined
  // tokens are what ids are
  const { progressToken, ...said } = meta
  if (progressToken !== undefined && !isId(progressToken)) return undefined
  const message = { jsonrpc, id, method, params }
  const classification = { era: 'modern', revision: modernRevision } as const
  return {
    route: { kind: 'modern', messageKind: 'request', message, classification },
    envelope: JSON.stringify(said)
  }
}

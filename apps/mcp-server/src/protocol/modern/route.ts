import { classifyInboundRequest, type InboundClassificationOutcome } from '@modelcontextprotocol/server'
import type { IncomingHttpHeaders } from 'node:http'
import { metaOf } from '../client-messages.ts'
import { isObject } from '../message.ts'

/** The newest revision, the first that has no handshake. */
export const modernRevision = '2026-07-28'

const versionKey = 'io.modelcontextprotocol/protocolVersion'

/** What belongs to the newest revision: a request or notification of it, or what is refused by its rules. */
export type ModernRoute = Exclude<InboundClassificationOutcome, { kind: 'legacy' }>

/**
 * Whose rules a posted JSON value falls under; undefined for those of the revisions before. The SDK decides; what
 * cannot be of the newest revision is not put before it, since the question costs more than many an answer.
 */
export function modernRoute(headers: IncomingHttpHeaders, value: unknown): ModernRoute | undefined {
  const protocolVersion = one(headers['mcp-protocol-version'])
  const isClaimed = Array.isArray(value) ? value.some(claims) : claims(value)
  if (!isClaimed && (protocolVersion === undefined || protocolVersion < modernRevision)) return undefined
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

/** The value of a header that may stand there once. */
export function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function claims(value: unknown): boolean {
  if (!isObject(value) || typeof value['method'] !== 'string') return false
  const meta = metaOf({ ...value, method: value['method'] })
  return meta !== undefined && versionKey in meta
}

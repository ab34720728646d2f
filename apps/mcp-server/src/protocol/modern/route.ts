import { classifyInboundRequest, type InboundClassificationOutcome } from '@modelcontextprotocol/server'
import type { IncomingHttpHeaders } from 'node:http'
import { claimsModern, one } from './claims.ts'

/** What belongs to the newest revision: a request or notification of it, or what is refused by its rules. */
export type ModernRoute = Exclude<InboundClassificationOutcome, { kind: 'legacy' }>

/** Whose rules a posted JSON value falls under; undefined for those of the revisions before. The SDK decides. */
export function modernRoute(headers: IncomingHttpHeaders, value: unknown): ModernRoute | undefined {
  if (!claimsModern(headers, value)) return undefined
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

import type { IncomingHttpHeaders } from 'node:http'
import { errorCodes } from '../protocol/protocol-error.ts'
import { knownRevision, revisions, revisionWithoutHeader, type Revision } from '../protocol/revisions.ts'
import { Refusal } from './refusal.ts'

const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i
const acceptedJson = /(?:^|[,\s])(?:application\/(?:json|\*)|\*\/\*)(?:[;,\s]|$)/i
const acceptedStream = /(?:^|[,\s])(?:text\/(?:event-stream|\*)|\*\/\*)(?:[;,\s]|$)/i

/**
 * Refuses a POST that does not bring JSON (415) or does not take it (406). More lenient than the specification, which
 * wants both types named in Accept: a client that names JSON alone gets the answer without what comes before it.
 */
export function checkMediaTypes(headers: IncomingHttpHeaders): void {
  const { accept } = headers
  if (!jsonType.test(headers['content-type'] ?? ''))
    throw new Refusal(415, 'Content-Type must be application/json')
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new Refusal(415, 'The body must not be compressed', { headers: { 'Accept-Encoding': 'identity' } })
  if (accept !== undefined && !acceptedJson.test(accept))
    throw new Refusal(406, 'Accept must allow application/json')
}

/** Whether a client takes a stream as the answer. One that does not gets no session, in which every answer is one. */
export function takesStreams({ accept }: IncomingHttpHeaders): boolean {
  return accept === undefined || acceptedStream.test(accept)
}

/** The revision that a request speaks. Throws Refusal 400 for one that this server does not. Source: MCP 2025-06-18, "Transports", protocol version header. */
export function requestRevision(headers: IncomingHttpHeaders): Revision {
  const name = headers['mcp-protocol-version']
  if (name === undefined) return revisionWithoutHeader
  const revision = typeof name === 'string' ? knownRevision(name) : undefined
  if (revision === undefined)
    throw new Refusal(400, `Unsupported protocol version; supported: ${revisions.join(', ')}`, {
      code: errorCodes.invalidRequest
    })
  return revision
}

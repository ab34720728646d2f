import type { IncomingHttpHeaders } from 'node:http'
import { metaOf } from '../client-messages.ts'
import { isObject } from '../message.ts'

/** The newest revision, the first that has no handshake. */
export const modernRevision = '2026-07-28'

const versionKey = 'io.modelcontextprotocol/protocolVersion'

/**
 * Whether a posted JSON value may fall under the rules of the newest revision: it or its header says so. What does not
 * is not put before the SDK, since the question costs more than many an answer, and so that a server nobody asks in the
 * newest revision never loads what only that needs.
 */
export function claimsModern(headers: IncomingHttpHeaders, value: unknown): boolean {
  const version = one(headers['mcp-protocol-version'])
  if (version !== undefined && version >= modernRevision) return true
  return Array.isArray(value) ? value.some(claims) : claims(value)
}

/** The value of a header that may stand there once. */
export function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function claims(value: unknown): boolean {
  if (!isObject(value) || typeof value['method'] !== 'string') return false
  const meta = metaOf(value)
  return meta !== undefined && versionKey in meta
}

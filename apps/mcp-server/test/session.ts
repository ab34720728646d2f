import type { OutgoingHttpHeaders } from 'node:http'
import { TokenRejected, type TokenCheck } from '../src/authentication/token-verifier.ts'
import type { Scope } from '../src/principal.ts'
import { post, type HttpAnswer } from './http-client.ts'

export const sessionRevision = '2025-11-25'

/** Posts initialize for a revision. */
export function initialize(
  url: string,
  headers: OutgoingHttpHeaders = {},
  protocolVersion = sessionRevision
): Promise<HttpAnswer> {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 't', version: '1' } }
  return post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, headers)
}

/** Opens a session and gives the headers of the requests in it. */
export async function openSession(
  url: string,
  headers: OutgoingHttpHeaders = {},
  protocolVersion = sessionRevision
): Promise<OutgoingHttpHeaders> {
  const opened = await initialize(url, headers, protocolVersion)
  return {
    ...headers,
    'MCP-Protocol-Version': protocolVersion,
    'Mcp-Session-Id': String(opened.headers['mcp-session-id'])
  }
}

/** tools/call as a message. */
export function callOf(name: string, id: number | string = 1): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: {} } }
}

/** Tokens written `name.scope` or `name.scope.anything`, each good for that principal and those scopes: `read`, `write` for both, `none`. */
export const madeUpTokens: TokenCheck = (token) => {
  const [name = '', scope = ''] = token.split('.')
  const scopes: ReadonlyMap<string, readonly Scope[]> = new Map([
    ['none', []],
    ['read', ['read']],
    ['write', ['read', 'write']]
  ])
  const found = scopes.get(scope)
  return found === undefined
    ? Promise.reject(new TokenRejected('It is made up badly'))
    : Promise.resolve({
        principal: { id: name, scopes: new Set(found), token },
        expires: Number.POSITIVE_INFINITY
      })
}

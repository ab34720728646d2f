import { describe, expect, test } from '@jest/globals'
import type { IncomingHttpHeaders } from 'node:http'
import { ModernRouter } from './route.ts'

const version = '2026-07-28'
const _meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' }
}
const headers = { 'mcp-protocol-version': version, 'mcp-method': 'tools/list' }
const request = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } }

test.each<[unknown, IncomingHttpHeaders]>([
  [{ jsonrpc: '2.0', id: 1, method: 'ping' }, {}],
  [{ jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-protocol-version': '2025-11-25' }],
  [{ jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: {} } }, {}],
  [[{ jsonrpc: '2.0', id: 1, method: 'ping' }], {}],
  [5, {}],
  [{ jsonrpc: '2.0', id: 1, result: {} }, {}]
])('%j with %j belongs to the revisions before', (value, given) => {
  expect(new ModernRouter().route(given, value)).toBeUndefined()
})

/** A request that differs from the plain one. */
const withMeta = (meta: object): object => ({ ...request, params: { _meta: { ..._meta, ...meta } } })

describe('a router that has accepted an envelope decides as one that sees it for the first time', () => {
  test.each<[string, unknown, IncomingHttpHeaders?]>([
    ['the same request', request],
    ['another id', { ...request, id: 'two' }],
    ['an id of null', { ...request, id: null }],
    ['a fraction for an id', { ...request, id: 1.5 }],
    ['no id', { jsonrpc: '2.0', method: 'tools/list', params: { _meta } }],
    ['a result beside it', { ...request, result: {} }],
    ['an error in place of the id', { ...request, id: undefined, error: { code: 1, message: 'x' } }],
    ['something else beside it', { ...request, more: 1 }],
    ['another version of JSON-RPC', { ...request, jsonrpc: '1.0' }],
    ['a method that is no text', { ...request, method: 5 }],
    ['another method than the header', { ...request, method: 'ping' }],
    ['another method', { ...request, method: 'ping' }, { ...headers, 'mcp-method': 'ping' }],
    ['no header for the method', request, { 'mcp-protocol-version': version }],
    ['two headers for the method', request, { ...headers, 'mcp-method': 'tools/list, tools/list' }],
    ['no header for the revision', request, { 'mcp-method': 'tools/list' }],
    ['a header for another revision', request, { ...headers, 'mcp-protocol-version': '2025-11-25' }],
    ['a header for a later revision', request, { ...headers, 'mcp-protocol-version': '2027-01-01' }],
    ['initialize', { ...request, method: 'initialize' }, { ...headers, 'mcp-method': 'initialize' }],
    ['params that are a list', { ...request, params: [_meta] }],
    ['no params', { jsonrpc: '2.0', id: 1, method: 'tools/list' }],
    ['no envelope', { ...request, params: {} }],
    ['more params', { ...request, params: { cursor: 'x', _meta } }],
    ['a token', withMeta({ progressToken: 'p1' })],
    ['a token that is none', withMeta({ progressToken: {} })],
    ['a token of null', withMeta({ progressToken: null })],
    ['a trace', withMeta({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })],
    ['a level', withMeta({ 'io.modelcontextprotocol/logLevel': 'info' })],
    ['a level that is none', withMeta({ 'io.modelcontextprotocol/logLevel': 'loud' })],
    ['capabilities that are none', withMeta({ 'io.modelcontextprotocol/clientCapabilities': 5 })],
    ['a client without a name', withMeta({ 'io.modelcontextprotocol/clientInfo': { version: '1' } })],
    ['another revision', withMeta({ 'io.modelcontextprotocol/protocolVersion': '2025-11-25' })],
    ['a task that is none', withMeta({ 'io.modelcontextprotocol/related-task': 5 })]
  ])('%s', (_, value, given = headers) => {
    const router = new ModernRouter()
    expect(router.route(headers, request)).toMatchObject({ kind: 'modern' })
    const first = new ModernRouter().route(given, value)
    expect(router.route(given, value)).toEqual(first)
    // and once more, for what it has just accepted
    expect(router.route(given, value)).toEqual(first)
  })
})

test('what clients say of themselves is remembered up to a bound, at which all of it is forgotten', () => {
  const router = new ModernRouter()
  for (let index = 0; index < 200; index++)
    expect(
      router.route(
        headers,
        withMeta({ 'io.modelcontextprotocol/clientInfo': { name: String(index), version: '1' } })
      )
    ).toMatchObject({ kind: 'modern' })
  // three times 64, and the rest
  expect(router.remembered).toBe(8)
  expect(router.route(headers, withMeta({ long: 'x'.repeat(5000) }))).toMatchObject({ kind: 'modern' })
})

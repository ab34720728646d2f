import { describe, expect, test } from '@jest/globals'
import { startServer } from '../../test/server.ts'
import { post } from '../../test/http-client.ts'
import { tools } from '../tools/index.ts'
import { toolFilter } from './tool-filter.ts'

describe('the headers that narrow the tools', () => {
  test.each([
    [{}, undefined],
    [{ 'x-mcp-tools': '' }, undefined],
    [{ 'x-mcp-readonly': 'false' }, undefined],
    [{ 'x-mcp-readonly': 'true' }, { readOnly: true }],
    [{ 'x-mcp-readonly': 'ture' }, { readOnly: true }],
    [{ 'x-mcp-toolsets': 'search, server' }, { toolsets: ['search', 'server'], readOnly: false }],
    [
      { 'x-mcp-tools': 'search', 'x-mcp-exclude-tools': 'objects_put' },
      { tools: ['search'], exclude: ['objects_put'], readOnly: false }
    ]
  ])('%j mean %j', (headers, filter) => {
    expect(toolFilter(headers)).toEqual(filter)
  })

  test('narrow the list and what can be called, of this request alone', async () => {
    await using server = await startServer({}, tools)
    const ask = async (method: string, params: object, headers: Record<string, string>): Promise<string> =>
      JSON.stringify((await post(server.url, { jsonrpc: '2.0', id: 1, method, params }, headers)).json())
    const only = { 'X-MCP-Tools': 'server_status' }
    const listed = await ask('tools/list', {}, only)
    expect(listed).toContain('"server_status"')
    expect(listed).not.toContain('"packages_list"')
    expect(await ask('tools/call', { name: 'packages_list' }, only)).toContain('Unknown tool')
    expect(await ask('tools/call', { name: 'packages_list' }, {})).toContain('biology/penguins')
    const writing = { name: 'objects_put', arguments: { objects: [], dry_run: true } }
    expect(await ask('tools/call', writing, { 'X-MCP-Readonly': '1' })).toContain('Unknown tool')
  })
})

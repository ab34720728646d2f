import { expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { connections } from '../http/connections.ts'
import { tools } from '../tools/index.ts'
import { withBackendVariables } from './backends-page.ts'
import { withPackageErrors } from './packages-page.ts'
import { withServerVariables } from './readme.ts'
import { resourcesPage } from './resources-page.ts'
import { schemaRows } from './schema-rows.ts'
import { readSnapshots, snapshotFolder, toolSnapshots } from './tool-snapshots.ts'
import { toolsPage } from './tools-page.ts'

const read = (name: string): Promise<string> =>
  readFile(new URL(`../../../../${name}`, import.meta.url), 'utf8')

test('docs/tools.md is current (node apps/mcp-server/src/docs/main.ts writes it)', async () => {
  expect(await read('docs/tools.md')).toBe(toolsPage(tools))
})

test('docs/resources.md is current (node apps/mcp-server/src/docs/main.ts writes it)', async () => {
  expect(await read('docs/resources.md')).toBe(resourcesPage())
})

test('the table of docs/backends.md is current (node apps/mcp-server/src/docs/main.ts writes it)', async () => {
  const page = await read('docs/backends.md')
  expect(withBackendVariables(page)).toBe(page)
})

test('the table of docs/packages.md is current (node apps/mcp-server/src/docs/main.ts writes it)', async () => {
  const page = await read('docs/packages.md')
  expect(withPackageErrors(page)).toBe(page)
})

test("the README's table of server variables is current (node apps/mcp-server/src/docs/main.ts writes it)", async () => {
  const readme = await read('README.md')
  expect(withServerVariables(readme)).toBe(readme)
})

test('docs/connect.md tells every client what the server itself tells it', async () => {
  const page = await read('docs/connect.md')
  for (const { client, text } of connections('http://127.0.0.1:8000/mcp')) {
    expect(page).toContain(client)
    expect(page).toContain(text)
  }
})

test('the snapshots of the tools are current (node apps/mcp-server/src/docs/main.ts writes them)', async () => {
  expect(await readSnapshots(snapshotFolder)).toEqual(new Map([...toolSnapshots(tools)].sort()))
})

test('every parameter of every tool is on the page, with its default', () => {
  const page = toolsPage(tools)
  expect(page).toContain('| `limit` | integer, 1 to 1000 | `100` | Page size |')
  expect(page).toContain('| `encoding` | `auto`, `text`, `base64` | `"auto"` |')
  expect(page).toContain('| `package` | string | required | namespace/name |')
  expect(page).toContain('| `entries[].uri` | string |  |')
  expect(page).toContain('Takes no parameters.')
})

test('every argument and every member of a result is described', () => {
  for (const { name, input, output } of tools)
    for (const row of [...schemaRows(input, 'input'), ...schemaRows(output, 'output')])
      expect([name, row.name, row.description]).not.toEqual([name, row.name, ''])
})

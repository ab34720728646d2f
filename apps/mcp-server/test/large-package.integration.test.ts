import { expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { startBuiltServer } from './built-server.ts'

const entries = 5000
const topHash = 'ab'.repeat(32)

/** A registry with one package, whose manifest is large enough to be scanned in a thread of its own. */
async function writeRegistry(folder: string): Promise<void> {
  const hash = { type: 'sha2-256-chunked', value: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' }
  const lines = Array.from({ length: entries }, (_, i) => {
    const key = `folder/file-${String(i).padStart(6, '0')}.csv`
    const entry = {
      logical_key: key,
      physical_keys: [`file://${folder}/large/data/${key}`],
      size: 0,
      hash,
      meta: {}
    }
    return JSON.stringify(entry)
  })
  const pointers = join(folder, '.quilt/named_packages/large/data')
  await mkdir(pointers, { recursive: true })
  await mkdir(join(folder, '.quilt/packages'), { recursive: true })
  const header = JSON.stringify({ version: 'v0', message: null })
  await writeFile(join(folder, '.quilt/packages', topHash), `${[header, ...lines].join('\n')}\n`)
  await writeFile(join(pointers, 'latest'), topHash)
}

test('the built server opens a package that is scanned in a thread of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'large-package-'))
  try {
    await writeRegistry(folder)
    await using server = await startBuiltServer({ QUILT_REGISTRIES: `file://${folder}` })
    const client = new Client({ name: 'integration', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)))
    const page = await client.callTool({
      name: 'package_browse',
      arguments: { package: 'large/data', path: 'folder/', limit: 2 }
    })
    expect(page.isError ?? false).toBe(false)
    expect(JSON.stringify(page.structuredContent)).toContain('file-000001.csv')
    expect(JSON.stringify(page.structuredContent)).toContain(String(entries))
    await client.close()
  } finally {
    await rm(folder, { recursive: true })
  }
})

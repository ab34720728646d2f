import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureRegistry } from './ensure-registry.ts'
import { ownRegistryHost, registryAnswers } from './own-registry.ts'

let workspace: string
let server: Server
let host: string

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'own-registry-'))
  server = createServer((request, response) => {
    response.statusCode = request.url === '/v2/' ? 200 : 404
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(workspace, { recursive: true, force: true })
})

async function makeOwn(): Promise<void> {
  await mkdir(join(workspace, '.local/registry'), { recursive: true })
  await writeFile(join(workspace, '.local/registry/state.json'), '{}')
}

const noEngine = (): Promise<never> => Promise.reject(new Error('no engine is needed'))
const digest = `sha256:${'a'.repeat(64)}`

describe('the registry of an image', () => {
  test('is the workspace’s own where it is on this machine and the workspace runs one', async () => {
    expect(ownRegistryHost(workspace, `${host}/quilt-mcp@${digest}`)).toBeUndefined()
    await makeOwn()
    expect(ownRegistryHost(workspace, `${host}/quilt-mcp@${digest}`)).toBe(host)
    expect(ownRegistryHost(workspace, `example.com/quilt-mcp@${digest}`)).toBeUndefined()
  })

  test('answers, or does not', async () => {
    expect(await registryAnswers(host)).toBe(true)
    server.close()
    server.closeAllConnections()
    expect(await registryAnswers(host)).toBe(false)
  })

  test('is left alone while it answers', async () => {
    await makeOwn()
    expect(await ensureRegistry(workspace, `${host}/quilt-mcp@${digest}`, noEngine)).toBe(false)
  })
})

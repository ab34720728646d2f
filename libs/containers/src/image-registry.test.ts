import { describe, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import { startRegistry, json, sha256, type RegistryServer } from '../test/stand-in.ts'
import { imageRegistry } from './image-registry.ts'
import type { RegistryFetchOptions } from './registry-fetch.ts'

const config = json({
  architecture: 'amd64',
  os: 'linux',
  config: { Labels: { a: 'b' }, User: '1000' },
  rootfs: { type: 'layers', diff_ids: [] }
})
const manifest = json({
  schemaVersion: 2,
  config: {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: sha256(config),
    size: config.length
  },
  layers: []
})

function filled(registry: RegistryServer): RegistryServer {
  registry.blobs.set(sha256(config), config)
  for (const tag of ['one', 'two', 'three']) registry.manifests.set(`team/x:${tag}`, manifest)
  registry.manifests.set(`team/x@${sha256(manifest)}`, manifest)
  return registry
}

function client(registry: RegistryServer, options: Partial<RegistryFetchOptions> = {}) {
  return imageRegistry({ host: registry.host, insecure: true, ...options })
}

const login = { user: 'AWS', password: 'secret:word' }
const credentials = { username: login.user, password: login.password }

describe('an image registry', () => {
  test('gives manifest, config, tags and blobs', async () => {
    await using server = filled(await startRegistry())
    const registry = client(server)
    await registry.ping()
    const found = await registry.manifest('team/x', 'one')
    expect(found).toMatchObject({
      digest: sha256(manifest),
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      size: manifest.length
    })
    expect(await registry.manifest('team/x', sha256(manifest))).toEqual(found)
    if (found === undefined) throw new Error('no manifest')
    expect(await registry.config('team/x', found.manifest)).toMatchObject({
      labels: { a: 'b' },
      user: '1000'
    })
    expect(await registry.tags('team/x')).toEqual(['one', 'two', 'three'])
    expect(await registry.hasBlob('team/x', sha256(config))).toBe(true)
  })

  test('says what is not there', async () => {
    await using server = await startRegistry()
    const registry = client(server)
    expect(await registry.manifest('x', 'none')).toBeUndefined()
    expect(await registry.tags('x')).toEqual([])
    expect(await registry.hasBlob('x', sha256(config))).toBe(false)
  })

  test('gives all tags, page by page', async () => {
    await using server = filled(await startRegistry({ tagPage: 1 }))
    expect(await client(server).tags('team/x')).toEqual(['one', 'two', 'three'])
  })

  test.each(['basic', 'bearer'] as const)(
    'logs in by %s authentication, and asks for a token once',
    async (kind) => {
      await using server = filled(await startRegistry({ login: { kind, ...login } }))
      const registry = client(server, { credentials })
      await registry.ping()
      expect(await registry.tags('team/x')).toHaveLength(3)
      expect(server.requests.filter((line) => line.startsWith('GET /token'))).toHaveLength(
        kind === 'bearer' ? 1 : 0
      )
    }
  )

  test.each(['basic', 'bearer'] as const)(
    '%s: without credentials it refuses, and says what to do',
    async (kind) => {
      await using server = filled(await startRegistry({ login: { kind, ...login } }))
      const wrong = client(server, { credentials: { ...credentials, password: 'other' } })
      for (const registry of [client(server), wrong])
        await expect(registry.manifest('team/x', 'one')).rejects.toMatchObject({
          code: 'registry-refused',
          message: expect.stringContaining('401'),
          evidence: expect.stringContaining('not you'),
          remedy: expect.stringContaining(`Log in to ${server.host}`)
        })
      await expect(wrong.ping()).rejects.toMatchObject({ code: 'registry-refused' })
    }
  )

  test('bytes that are not those of the digest are refused', async () => {
    await using server = filled(await startRegistry())
    server.manifests.set(`team/x@${sha256(config)}`, manifest)
    server.blobs.set(sha256(config), manifest)
    const registry = client(server)
    await expect(registry.manifest('team/x', sha256(config))).rejects.toMatchObject({
      code: 'registry-refused'
    })
    const found = await registry.manifest('team/x', 'one')
    if (found === undefined) throw new Error('no manifest')
    const refusal = { code: 'registry-refused', message: expect.stringContaining(sha256(manifest)) }
    await expect(registry.config('team/x', found.manifest)).rejects.toMatchObject(refusal)
    server.blobs.clear()
    await expect(registry.config('team/x', found.manifest)).rejects.toMatchObject({
      code: 'registry-refused'
    })
  })

  test.each(['no json', '{"schemaVersion": 1}'])(
    'a manifest of another form is refused: %s',
    async (text) => {
      await using server = await startRegistry()
      server.manifests.set('x:1', Buffer.from(text))
      await expect(client(server).manifest('x', '1')).rejects.toMatchObject({ code: 'registry-refused' })
    }
  )

  test('one that is down is named', async () => {
    const server = await startRegistry()
    await server.close()
    const registry = client(server)
    await expect(registry.ping()).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: expect.stringContaining(server.host),
      evidence: expect.stringContaining('ECONNREFUSED')
    })
  })

  test('one that fails is not taken for one that has nothing', async () => {
    const server = createServer((_, response) => response.writeHead(503).end('overloaded'))
    const port = await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' ? address?.port : 0)
      })
    })
    const registry = imageRegistry({ host: `127.0.0.1:${String(port)}`, insecure: true })
    await expect(registry.manifest('x', '1')).rejects.toMatchObject({
      code: 'registry-refused',
      evidence: 'overloaded',
      remedy: expect.stringContaining('try again later')
    })
    await new Promise((resolve) => server.close(resolve))
  })

  test('an interrupt ends a request', async () => {
    await using server = await startRegistry()
    const abort = new AbortController()
    abort.abort(new Error('enough'))
    await expect(client(server, { signal: abort.signal }).ping()).rejects.toThrow('enough')
  })
})

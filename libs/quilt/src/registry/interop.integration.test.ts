import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ensurePython, reportMissing } from '../../test/python/environment.ts'
import { MotoServer, QuiltClient } from '../../test/python/processes.ts'
import { Bench } from '../../test/scenarios/bench.ts'
import { fromPlain, parseJson } from '../json/index.ts'
import { isJsonObject, type JsonValue } from '../json/value.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { Manifest } from '../types.ts'
import { fetchPackage } from './fetch.ts'
import { openRegistry } from './open-registry.ts'
import type { PackageBuilder } from './package-builder.ts'
import { verifyFolder, verifyPackage } from './verify.ts'
import type { WritableRegistry } from './writable-registry.ts'

const python = await ensurePython()
reportMissing('interoperation', python)
const suite = 'missing' in python ? describe.skip : describe
const interpreter = 'missing' in python ? '' : python.interpreter

/** Values and names that differ from one JSON library and file system to the next. */
const metadata = parseJson(
  '{"z": 1, "a": 1.0, "10": [1e-7, 1e22, -0.0, 12345678901234567890], "ünï": "\\u007f\\u2028", "__proto__": {"x": null}}'
)
const keys = ['README.md', 'a b/ü!.txt', 'a/b', 'a-b', 'dir/100%+?#', 'dir/日本', 'z\u{1f600}/\uffee']

let folder: string
let server: MotoServer
let bench: Bench
let client: QuiltClient

/** A registry of each kind that both sides can reach. */
interface Kind {
  readonly uri: string
  open(): WritableRegistry
}

const kinds: Record<string, () => Kind> = {
  'a folder': () => {
    const uri = `file://${folder}/registry`
    return { uri, open: () => openRegistry(uri, { dataRoots: [`file://${folder}`] }) }
  },
  'a bucket': () => ({ uri: 's3://interop', open: () => openRegistry('s3://interop', s3Options()) }),
  'a bucket without versions': () => ({
    uri: 's3://interop-plain',
    open: () => openRegistry('s3://interop-plain', s3Options())
  })
}

function s3Options(): { readonly s3: Bench['s3']; readonly cacheFolder: string } {
  return { s3: bench.s3, cacheFolder: join(folder, 'cache') }
}

suite('what one side writes, the other reads', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-'))
    server = await MotoServer.start(interpreter)
    bench = new Bench(server.endpoint, folder)
    await bench.createBucket('interop', true)
    await bench.createBucket('interop-plain', false)
    client = new QuiltClient(interpreter, join(folder, 'home'), server.endpoint)
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    bench.close()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  describe.each(Object.keys(kinds))('in %s', (name) => {
    const kind = (): Kind => (kinds[name] ?? (() => ({ uri: '', open: () => openRegistry('') })))()
    const isFolder = name === 'a folder'

    test('ours: browsed, fetched and verified by the client', async () => {
      const { uri, open } = kind()
      const registry = open()
      const builder = registry.newPackage().setMeta(metadata)
      for (const key of keys)
        builder.set(key, Buffer.from(`content of ${key}`), fromPlain({ key, half: 0.5 }))
      builder.set('large', Buffer.alloc(9 * 1024 * 1024, 'x')).set('empty', Buffer.alloc(0))
      const { topHash } = await builder.push('ours/p', { message: 'first ü' })
      const seen = await client.do('browse', { registry: uri, name: 'ours/p' })
      expect(seen).toEqual(await described(await registry.open(topHash)))
      const fetched = join(folder, `ours-${String(keys.length)}-${name.replaceAll(' ', '-')}`)
      expect(await client.do('fetch', { registry: uri, name: 'ours/p', folder: fetched })).toBe(true)
      expect(await readFile(join(fetched, 'dir/日本'), 'utf8')).toBe('content of dir/日本')
      expect(await client.do('packages', { registry: uri })).toContain('ours/p')
    })

    test("the client's: listed, opened, verified and fetched by us", async () => {
      const { uri, open } = kind()
      const registry = open()
      const entries = await sources(name)
      const command = { registry: uri, name: 'theirs/p', message: 'from Python', entries }
      const result = isFolder
        ? await client.do('build', { ...command, folders: [['dir', { folder: true }]] }, metadata)
        : await client.do('push', command, metadata)
      const topHash = await registry.resolve('theirs/p')
      expect(isJsonObject(result) ? result.get('top_hash') : result).toBe(topHash)
      expect((await registry.packages({ limit: 100 })).items).toContainEqual({ name: 'theirs/p' })
      const { items } = await registry.revisions('theirs/p', { limit: 10 })
      expect(await client.do('versions', { registry: uri, name: 'theirs/p' })).toEqual(
        items.map(({ pointer, topHash: hash }) => [pointer, hash]).sort()
      )
      const manifest = await registry.open(topHash)
      expect(await described(manifest)).toEqual(
        await client.do('browse', { registry: uri, name: 'theirs/p' })
      )
      expect(await Array.fromAsync(verifyPackage(registry, manifest))).toEqual([])
      const fetched = join(folder, `theirs-${name.replaceAll(' ', '-')}`)
      await fetchPackage(registry, manifest, fetched)
      expect(await Array.fromAsync(verifyFolder(manifest, fetched))).toEqual([])
      expect(await client.do('verify', { registry: uri, name: 'theirs/p', folder: fetched })).toBe(true)
    })

    test('in turns: each side builds on the revision of the other, with the same top hash for the same content', async () => {
      const { uri, open } = kind()
      const registry = open()
      const write = async (builder: PackageBuilder, message: string): Promise<string> =>
        (isFolder ? await builder.build('turns/p', { message }) : await builder.push('turns/p', { message }))
          .topHash
      const [[, source] = []] = await sources(name)
      const file = String(source)
      const mine = await write(registry.newPackage().set('a', { file }).setMeta(metadata), 'one')
      const theirs = await client.do(isFolder ? 'build' : 'push', {
        registry: uri,
        name: 'turns/p',
        base: true,
        message: 'two',
        entries: [['b/c', file, { n: 1 }]]
      })
      const patched = (await registry.patch('turns/p')).remove('a').setEntryMeta('b/c', fromPlain({ n: 1.5 }))
      const third = await write(patched, 'three')
      expect(await client.do('browse', { registry: uri, name: 'turns/p' })).toEqual(
        await described(await registry.open(third))
      )
      expect(new Set([mine, third, theirs]).size).toBe(3)
      const again = { registry: uri, name: 'turns/same', message: 'one', entries: [['a', file, null]] }
      const same = await client.do(isFolder ? 'build' : 'push', again, metadata)
      expect(isJsonObject(same) ? same.get('top_hash') : same).toBe(mine)
    })

    test('either side sees where the other rolled back and what it deleted', async () => {
      const { uri, open } = kind()
      const registry = open()
      const now = Date.now()
      const builder = registry.newPackage()
      const first = (await builder.push('gone/p', { message: '1', now: new Date(now - 3000) })).topHash
      const second = (await builder.push('gone/p', { message: '2', now: new Date(now - 2000) })).topHash
      await client.do('rollback', { registry: uri, name: 'gone/p', top_hash: first })
      expect(await registry.resolve('gone/p')).toBe(first)
      await registry.rollback('gone/p', second)
      await client.do('delete', { registry: uri, name: 'gone/p', top_hash: second })
      expect(await registry.resolve('gone/p')).toBe(first)
      await registry.deletePackage('gone/p')
      expect(await client.do('packages', { registry: uri })).not.toContain('gone/p')
      await expect(client.do('browse', { registry: uri, name: 'gone/p' })).rejects.toThrow(
        /NoSuchKey|FileNotFound/
      )
    })
  })

  test('a push of the client meets the conflict that ours made, and the reverse', async () => {
    const registry = openRegistry('s3://interop', s3Options())
    await registry.newPackage().push('conflict/p', { message: '1' })
    const push = { registry: 's3://interop', name: 'conflict/p', message: '2', entries: [] }
    await expect(client.do('push', push)).rejects.toThrow(/QuiltConflictException/)
    await client.do('push', { ...push, base: true })
    await expect(registry.newPackage().push('conflict/p', { message: '3' })).rejects.toMatchObject({
      code: 'conflict'
    })
  })

  test('a workflow gives the same header on both sides', async () => {
    const registry = openRegistry('s3://interop', s3Options())
    await bench.put('interop', 'schema.json', '{"type": "object", "required": ["x"]}')
    await bench.put(
      'interop',
      '.quilt/workflows/config.yml',
      'version: "1"\nis_workflow_required: false\nworkflows:\n  w:\n    name: W\n    metadata_schema: s\nschemas:\n  s:\n    url: s3://interop/schema.json\n'
    )
    const ours = await registry
      .newPackage()
      .setMeta(fromPlain({ x: 1 }))
      .push('flow/a', { workflow: 'w' })
    const push = { registry: 's3://interop', name: 'flow/b', message: null, entries: [], workflow: 'w' }
    const theirs = await client.do('push', { ...push, meta: { x: 1 } })
    expect(isJsonObject(theirs) ? theirs.get('top_hash') : undefined).toBe(ours.topHash)
    await expect(client.do('push', { ...push, name: 'flow/c', meta: {} })).rejects.toThrow(
      /'x' is a required property/
    )
    await expect(
      registry.newPackage().setMeta(fromPlain({})).push('flow/c', { workflow: 'w' })
    ).rejects.toMatchObject({ message: "Metadata failed validation: 'x' is a required property." })
  })
})

/** Files of this machine to make a package of: key, path, metadata. */
async function sources(name: string): Promise<readonly (readonly [string, string, unknown])[]> {
  const place = join(folder, `sources-${name.replaceAll(' ', '-')}`)
  await mkdir(place, { recursive: true })
  const all = [...keys, 'large']
  return await Promise.all(
    all.map(async (key, index) => {
      const file = join(place, `${String(index)} ü`)
      await writeFile(file, key === 'large' ? Buffer.alloc(9 * 1024 * 1024, 'y') : `their ${key}`)
      return [key, file, index % 2 === 0 ? { index } : null] as const
    })
  )
}

/** An opened revision as client.py describes one. */
async function described(manifest: Manifest): Promise<JsonValue> {
  const entries = await Array.fromAsync(manifest.entries(), ({ logicalKey, physicalKey, record }) => [
    logicalKey,
    formatPhysicalKey(physicalKey),
    record.size,
    record.hash,
    record.meta
  ])
  return new Map<string, JsonValue>([
    ['top_hash', manifest.topHash],
    ['header', manifest.header.raw],
    ['entries', entries],
    ['folders', new Map(await manifest.folderMetadata())]
  ])
}

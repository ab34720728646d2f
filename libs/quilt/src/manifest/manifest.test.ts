import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { anyPackage, manifestBytes } from '../../test/packages.ts'
import { createEntry } from '../entry.ts'
import { parseJson } from '../json/parse.ts'
import { isJsonObject, type JsonObject } from '../json/value.ts'
import { topHash } from '../top-hash.ts'
import type { Entry } from '../types.ts'
import { describeHeader, nextHeader } from './header.ts'
import { LineSplitter, maxLineLength } from './line-splitter.ts'
import { entryLine, folderMetadataLine, headerLine, maxRecordSize } from './lines.ts'
import { MemoryManifest } from './memory-manifest.ts'
import { loadManifest, readManifest } from './read.ts'
import { Folder, PackageTree } from './tree.ts'
import { writeManifest, writeManifestFile } from './write.ts'

function entryAt(logicalKey: string, meta: JsonObject = new Map()): Entry {
  return createEntry({
    logicalKey,
    physicalKey: { kind: 's3', bucket: 'b', key: logicalKey, versionId: undefined },
    size: 1,
    hash: { type: 'SHA256', value: 'x' },
    meta
  })
}

function object(text: string): JsonObject {
  const value = parseJson(text)
  if (!isJsonObject(value)) throw new TypeError(text)
  return value
}

const line = (key: string, rest = ''): string =>
  `{"logical_key": "${key}", "physical_keys": ["s3://b/x"], "size": 1, "hash": {"type": "SHA256", "value": "x"}, "meta": {}${rest}}\n`
const load = (...lines: string[]): Promise<PackageTree> =>
  loadManifest([Buffer.from(`{"version": "v0"}\n${lines.join('')}`)])

describe('lines', () => {
  test.each([1, 2, 3, 7, 100])('are cut as Python does, in pieces of %i bytes', (size) => {
    const bytes = Buffer.from('a\r\nb\rc\n\né\u2028\u0085\r\r\nlast')
    const splitter = new LineSplitter()
    const lines = []
    for (let at = 0; at < bytes.length; at += size)
      lines.push(...splitter.push(bytes.subarray(at, at + size)))
    lines.push(...splitter.end())
    expect(lines.map(({ text }) => text)).toEqual(['a', 'b', 'c', '', 'é\u2028\u0085', '', 'last'])
    expect(lines.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7])
    for (const { text, position, length } of lines)
      expect(bytes.toString('utf8', position, position + length)).toBe(text)
  })

  test.each(['\r', '\n'])('of nothing but %j are cut in a time that grows with their number', (end) => {
    expect(new LineSplitter().push(Buffer.alloc(300_000, end))).toHaveLength(300_000)
  })

  test('of more than 16 MiB are refused, with bounded memory', () => {
    const splitter = new LineSplitter()
    const piece = Buffer.alloc(maxLineLength / 4, 'x')
    for (let count = 0; count < 4; count++) expect(splitter.push(piece)).toEqual([])
    expect(() => splitter.push(Buffer.from('x'))).toThrow(
      expect.objectContaining({ code: 'manifest-line-too-long', line: 1 })
    )
    const whole = Buffer.alloc(maxLineLength + 2, 'x')
    whole[maxLineLength + 1] = 0x0a
    expect(() => new LineSplitter().push(whole)).toThrow(
      expect.objectContaining({ code: 'manifest-line-too-long' })
    )
  })

  test('that are not UTF-8 are refused with their number', () => {
    expect(() => new LineSplitter().push(Buffer.from([0x61, 0x0a, 0xff, 0x0a]))).toThrow(
      expect.objectContaining({ code: 'manifest-not-utf8', line: 2 })
    )
  })
})

describe('a manifest', () => {
  test('that was written is read as the same, for any package', async () => {
    await fc.assert(
      fc.asyncProperty(anyPackage, fc.integer({ min: 1, max: 500 }), async (tree, size) => {
        const bytes = await manifestBytes(tree)
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size)
        )
        const loaded = await loadManifest(pieces)
        expect((await manifestBytes(loaded)).toString()).toBe(bytes.toString())
        expect(await topHash(loaded.header, loaded.walk())).toBe(await topHash(tree.header, tree.walk()))
      }),
      { numRuns: 40 }
    )
  })

  test('has a top hash that does not depend on the order of its lines', async () => {
    await fc.assert(
      fc.asyncProperty(anyPackage, fc.nat(), async (tree, seed) => {
        const [header, ...lines] = (await manifestBytes(tree)).toString().trimEnd().split('\n')
        const order = lines.map((line, index) => ({ line, rank: Math.imul(index + 1, seed | 1) }))
        const shuffled = order.sort((a, b) => a.rank - b.rank).map(({ line }) => line)
        const loaded = await loadManifest([Buffer.from([header, ...shuffled].join('\n'))])
        expect(await topHash(loaded.header, loaded.walk())).toBe(await topHash(tree.header, tree.walk()))
        expect((await manifestBytes(loaded)).toString()).toBe((await manifestBytes(tree)).toString())
      }),
      { numRuns: 40 }
    )
  })

  test.each([
    ['an entry inside an entry', [line('a'), line('a/b')], 'manifest-file-as-folder'],
    ['an entry deep inside an entry', [line('a'), line('a/b/c')], 'manifest-file-as-folder'],
    [
      'metadata deep inside an entry',
      [line('a'), '{"logical_key": "a/b/", "meta": {}}\n'],
      'manifest-file-as-folder'
    ],
    ['an entry where a folder is', [line('a/b'), line('a')], 'manifest-duplicate-key'],
    [
      'an entry where a folder has metadata',
      ['{"logical_key": "a/", "meta": null}\n', line('a')],
      'manifest-duplicate-key'
    ],
    ['a key twice', [line('a'), line('a')], 'manifest-duplicate-key'],
    [
      'metadata for an entry whose meta is text',
      [line('a').replace('"meta": {}', '"meta": "x"'), '{"logical_key": "a/", "meta": 1}\n'],
      'manifest-invalid-record'
    ],
    ['a key of numbers', ['{"logical_key": [1], "meta": {}}\n'], 'manifest-invalid-record'],
    ['an empty list for a key', ['{"logical_key": [], "meta": {}}\n'], 'manifest-invalid-record'],
    [
      'an object for the physical keys',
      [line('a').replace('["s3://b/x"]', '{"0": "s3://b/x"}')],
      'manifest-invalid-record'
    ],
    ['a line that is a number', ['1\n'], 'manifest-invalid-record'],
    ['a line that is an array', ['[]\n'], 'manifest-invalid-record'],
    ['a line that is true', ['true\n'], 'manifest-invalid-record'],
    ['a deep line', [`{"logical_key": "a", "meta": ${'['.repeat(1000)}`], 'json-too-deep']
  ])('with %s is refused', async (_, lines, code) => {
    await expect(load(...lines)).rejects.toMatchObject({ code, line: expect.any(Number) })
  })

  test('gives metadata without physical keys to what is above', async () => {
    const tree = await load(
      line('f'),
      line('d/x'),
      '{"logical_key": "d/y", "physical_keys": "", "meta": 1}\n',
      '{"logical_key": "f/", "physical_keys": 0, "meta": {"m": 1.0}}\n',
      '{"logical_key": "x", "physical_keys": {}, "meta": [2]}\n'
    )
    expect([...tree.folderMetadata()]).toEqual([['d/', 1n]])
    expect(tree.header.get('user_meta')).toEqual([2n])
    expect([...tree.walk()].map((entry) => [entry.logicalKey, entry.meta])).toEqual([
      ['d/x', new Map()],
      ['f', new Map([['user_meta', new Map([['m', 1]])]])]
    ])
  })

  test('is read as a stream, and the reading can be ended', async () => {
    const parts = await Array.fromAsync(
      readManifest([Buffer.from(`{"version": "v0", "top_hash": 1}\n${line('a')}`)])
    )
    expect(parts).toMatchObject([
      { kind: 'header', header: new Map([['version', 'v0']]) },
      { kind: 'records', records: [{ kind: 'entry', line: 2, path: ['a'] }] }
    ])
    const ended = loadManifest([Buffer.from('{}\n')], { signal: AbortSignal.abort() })
    await expect(ended).rejects.toMatchObject({ code: 'aborted' })
  })

  test('has entries with size and hash only where they are usable', async () => {
    const sizes = ['1', '0', '9007199254740991', '9007199254740992', '-1', '1.0', '"1"', 'true', 'null']
    const tree = await load(
      ...sizes.map((size, index) => line(String(index)).replace('"size": 1', `"size": ${size}`))
    )
    expect(Array.from(tree.walk(), (entry) => entry.size)).toEqual([
      1,
      0,
      Number.MAX_SAFE_INTEGER,
      ...Array.from({ length: 6 }, () => undefined)
    ])
    const odd = await load(line('a').replace('"value": "x"', '"value": 1'))
    const [entry] = odd.walk()
    expect(entry?.hash).toBeUndefined()
    expect(entry).toMatchObject({ logicalKey: 'a', size: 1 })
  })
})

describe('written lines', () => {
  test('may have 1,000,000 bytes and no more', () => {
    const empty = Buffer.byteLength(headerLine(object('{"m": ""}')))
    const full = 'é'.repeat((maxRecordSize - empty) / 2) + 'x'.repeat((maxRecordSize - empty) % 2)
    expect(Buffer.byteLength(headerLine(new Map([['m', full]])))).toBe(maxRecordSize)
    const tooLarge = expect.objectContaining({ code: 'record-too-large' })
    expect(() => headerLine(new Map([['m', `${full}x`]]))).toThrow(tooLarge)
    expect(() => folderMetadataLine('a/', full)).toThrow(tooLarge)
    expect(() => entryLine(entryAt('a', new Map([['m', full]])))).toThrow(tooLarge)
  })

  test('are the same, whether put together as bytes or as text', async () => {
    const text = fc.oneof(
      fc.stringMatching(/^[\w.~/-]{0,20}$/),
      fc.string({
        unit: fc.constantFrom('a', '/', ' ', '=', '%', '"', '\\', '\x7f', '\n', 'é', '😀')
      })
    )
    const place = fc.oneof(
      fc.record({
        kind: fc.constant('s3' as const),
        bucket: text,
        key: text,
        versionId: fc.option(text, { nil: undefined })
      }),
      fc.record({ kind: fc.constant('file' as const), path: text.map((path) => `/${path}`) })
    )
    const meta = fc.option(fc.record({ key: text, value: text }))
    const hash = fc.record({ type: text, value: text })
    const size = fc.maxSafeNat()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ logicalKey: text, physicalKey: place, size, hash, meta }), { maxLength: 5 }),
        async (made) => {
          const entries = made.map(({ meta: pair, ...rest }) =>
            createEntry({ ...rest, meta: new Map(pair === null ? [] : [[pair.key, pair.value]]) })
          )
          const blocks = await Array.fromAsync(writeManifest({ header: object('{}'), entries }))
          const lines = ['{}', ...entries.map(entryLine)].map((each) => `${each}\n`)
          expect(Buffer.concat(blocks).toString()).toBe(lines.join(''))
        }
      )
    )
  })

  test('come in blocks, from entries that are there or come later', async () => {
    const entries = Array.from({ length: 3000 }, (_, index) => entryAt(`k${String(index).padStart(5, '0')}`))
    async function* later(): AsyncGenerator<Entry> {
      yield* entries
    }
    const now = await Array.fromAsync(writeManifest({ header: object('{}'), entries }))
    const then = await Array.fromAsync(writeManifest({ header: object('{}'), entries: later() }))
    expect(now.length).toBeGreaterThan(1)
    expect(Buffer.concat(now).equals(Buffer.concat(then))).toBe(true)
    const folder = await mkdtemp(path.join(tmpdir(), 'quilt-write-'))
    const handle = await open(path.join(folder, 'manifest'), 'w+')
    expect(await writeManifestFile(handle, { header: object('{}'), entries })).toBe(Buffer.concat(now).length)
    expect((await readFile(path.join(folder, 'manifest'))).equals(Buffer.concat(now))).toBe(true)
    await handle.close()
    await rm(folder, { recursive: true })
    const long = Array.from({ length: 3 }, (_, index) =>
      entryAt(`k${index}`, new Map([['m', 'é'.repeat(200_000)]]))
    )
    expect(
      (await loadManifest(writeManifest({ header: object('{}'), entries: long }))).get('k2')
    ).toBeDefined()
  })
})

describe('the header of a new revision', () => {
  const fields = { workflow: undefined, message: 'm' }

  test('has its fields in the order of the Python client', () => {
    const workflow = object('{"id": null, "config": "c"}')
    const header = nextHeader(undefined, { ...fields, userMeta: object('{"a": 1}'), workflow })
    expect([...header.keys()]).toEqual(['version', 'user_meta', 'workflow', 'message'])
    expect([...nextHeader(undefined, { ...fields, message: null })]).toEqual([
      ['version', 'v0'],
      ['message', null]
    ])
  })

  test('keeps the places and unknown fields of its base, and loses a workflow that is no more', () => {
    const base = object('{"message": "old", "x": 1, "workflow": {"id": "w"}, "version": "v0"}')
    expect([...nextHeader(base, { ...fields, userMeta: object('{}') })]).toEqual([
      ['message', 'm'],
      ['x', 1n],
      ['version', 'v0'],
      ['user_meta', new Map()]
    ])
    expect(base.get('message')).toBe('old')
  })

  test('is described whatever it holds', () => {
    expect(describeHeader(object('{"message": 1, "user_meta": [], "version": "v1"}'))).toMatchObject({
      message: null,
      userMeta: [],
      workflow: undefined,
      version: 'v1'
    })
  })
})

describe('a package in memory', () => {
  test('can be changed', () => {
    const tree = new PackageTree()
    tree.set(entryAt('a/b/c'))
    tree.set(entryAt('a/d'))
    tree.set(entryAt('a/d', object('{"user_meta": 1}')))
    tree.setFolderMeta('a/b', 1n)
    tree.setFolderMeta('/', object('{"p": 1}'))
    expect(tree.get('a/')).toBeInstanceOf(Folder)
    expect(tree.get('a/d')).toMatchObject({ logicalKey: 'a/d' })
    expect(tree.get('a/d/')).toBeUndefined()
    expect(tree.get('a/d/e')).toBeUndefined()
    expect(tree.header.get('user_meta')).toEqual(object('{"p": 1}'))
    tree.deleteHeader('user_meta')
    expect(tree.header.has('user_meta')).toBe(false)
    expect(tree.delete('a/b/')).toBe(true)
    expect(tree.delete('a/b')).toBe(false)
    expect(tree.delete('x/y')).toBe(false)
    expect(Array.from(tree.walk(), (entry) => entry.logicalKey)).toEqual(['a/d'])
  })

  test('refuses what would be a file and a folder, and bad keys', () => {
    const tree = new PackageTree()
    tree.set(entryAt('a'))
    const conflict = expect.objectContaining({ code: 'key-conflict' })
    expect(() => tree.set(entryAt('a/b'))).toThrow(conflict)
    expect(() => tree.setFolderMeta('a', 1n)).toThrow(conflict)
    for (const key of ['', 'b/', '../x', 'b//c', './b'])
      expect(() => tree.set(entryAt(key))).toThrow(expect.objectContaining({ code: 'invalid-logical-key' }))
  })

  test('may have keys of any number of parts', async () => {
    const key = Array.from({ length: 20_000 }, () => 'a').join('/')
    const tree = await load(line(key))
    expect(Array.from(tree.walk(), (entry) => entry.logicalKey.length)).toEqual([key.length])
    expect(new MemoryManifest('x', tree).files).toBe(1)
  })
})

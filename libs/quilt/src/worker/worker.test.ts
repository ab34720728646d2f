import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { largeManifest } from '../../test/large-manifest.ts'
import { hashFile } from '../checksums/hash-file.ts'
import { combineChunkDigests, createHasher } from '../checksums/hasher.ts'
import { AbortFlag } from '../scan/abort-flag.ts'
import { decodeIndex } from '../scan/index-decode.ts'
import { WorkerPool } from './pool.ts'
import { fromFailure, isRequest, isResponse, toFailure, type Task } from './protocol.ts'
import { respond } from './respond.ts'

let folder: string
let manifest: string
let file: number

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'quilt-worker-'))
  manifest = path.join(folder, 'manifest')
  writeFileSync(manifest, largeManifest(3000))
  file = openSync(manifest, 'r')
})
afterAll(() => {
  closeSync(file)
  rmSync(folder, { recursive: true })
})

function result(task: Task): unknown {
  const { response } = respond({ id: 7, abort: new AbortFlag().memory, task })
  expect(response.id).toBe(7)
  if ('failure' in response) throw fromFailure(response.failure)
  return response.result
}

describe('a worker thread', () => {
  test('scans, hashes, lists and searches', () => {
    const index = decodeIndex(bytesOf(result({ kind: 'scan', file, identity: 'i' })), 'i')
    if (index === undefined) throw new Error('no index')
    expect(index.facts.entries).toBe(3000)
    expect(result({ kind: 'top-hash', file })).toMatch(/^[0-9a-f]{64}$/)
    const { firstEntry } = index.facts
    const list = path.join(folder, 'list')
    const out = openSync(list, 'w+')
    result({ kind: 'list-keys', file, firstEntry, out })
    const search = { text: '999.csv', after: -1, limit: 2 }
    expect(result({ kind: 'search-keys', keys: out, entries: 3000, ...search })).toEqual({
      total: 3,
      ordinals: [999, 1999]
    })
    expect(result({ kind: 'search-keys', keys: out, entries: 3000, ...search, after: 1999 })).toEqual({
      total: 3,
      ordinals: [2999]
    })
    expect(result({ kind: 'search-keys', keys: out, entries: 2999, ...search })).toBeUndefined()
    const metadata = { ...search, text: '"p29', limit: 10 }
    expect(result({ kind: 'search-metadata', file, firstEntry, ...metadata })).toEqual({
      total: 11,
      ordinals: [290, ...Array.from({ length: 9 }, (_, index) => 2900 + index * 10)]
    })
    closeSync(out)
  })

  test('says of a manifest in another form or order that it cannot scan it', () => {
    const lines = readFileSync(manifest, 'utf8').split('\n')
    const [header = '', first = '', second = ''] = lines
    const other = path.join(folder, 'other')
    const texts = [
      [header, second, first],
      [header, first, first],
      [header, first, '{"logical_key": "x/", "meta": {"a": 1}}'],
      [header, '{"logical_key": "x", "meta": {"a": 1}}'],
      [header, '{"logical_key": "x/", "meta": {}}'],
      [header, '{"logical_key": "b/", "meta": 1}', '{"logical_key": "a/", "meta": 1}'],
      [header, '{"logical_key": "folder-00000/file-0000000.csv/", "meta": 1}', first],
      [header, first.replace('"folder-00000/file-0000000.csv"', '["a/b"]')],
      [header, first.replace('folder-00000', '\\ud800')],
      [`${header}\r`, first]
    ]
    for (const text of texts) {
      writeFileSync(other, `${text.join('\n')}\n`)
      const odd = openSync(other, 'r')
      expect([text.slice(1), result({ kind: 'scan', file: odd, identity: '' })]).toEqual([
        text.slice(1),
        undefined
      ])
      expect(result({ kind: 'top-hash', file: odd })).toBeUndefined()
      closeSync(odd)
    }
  })

  test('hashes chunks that nobody else has', () => {
    const content = Buffer.alloc(100_000, 'content')
    const name = path.join(folder, 'content')
    writeFileSync(name, content)
    const descriptor = openSync(name, 'r')
    const digests = new SharedArrayBuffer(4 * 32)
    const task = {
      kind: 'hash-chunks',
      file: descriptor,
      size: content.length,
      chunkSize: 30_000,
      next: new SharedArrayBuffer(4),
      digests
    } as const
    result(task)
    result(task)
    const expected = [0, 1, 2, 3].map((chunk) => {
      const hasher = createHasher('SHA256', 0)
      hasher.update(content.subarray(chunk * 30_000, (chunk + 1) * 30_000))
      return hasher.digest().value
    })
    expect(Buffer.from(digests).toString('hex')).toBe(expected.join(''))
    expect(combineChunkDigests(Buffer.from(digests)).value).toHaveLength(44)
    const longer = { ...task, size: content.length + 1, next: new SharedArrayBuffer(4) }
    expect(() => result(longer)).toThrow(expect.objectContaining({ code: 'object-changed' }))
    closeSync(descriptor)
  })

  test('sends its errors with code, remedy and place', () => {
    expect(() => result({ kind: 'scan', file: 1_000_000, identity: '' })).toThrow(
      expect.objectContaining({ code: 'storage-failed' })
    )
    const abort = new AbortFlag()
    abort.set()
    expect(respond({ id: 1, abort: abort.memory, task: { kind: 'top-hash', file } }).response).toMatchObject({
      failure: { code: 'aborted' }
    })
    expect(toFailure(new TypeError('fault'))).toMatchObject({ code: 'internal' })
    expect(toFailure('text')).toMatchObject({ code: 'internal', message: 'text' })
    expect([
      isRequest(1),
      isRequest({ id: 1, task: {} }),
      isResponse(null),
      isResponse({ id: 1, result: 1 })
    ]).toEqual([false, true, false, true])
  })
})

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new TypeError('not bytes')
}

describe('worker threads', () => {
  test('do more tasks than there are threads, and can be closed', async () => {
    const pool = new WorkerPool(2)
    const hashes = await Promise.all(Array.from({ length: 6 }, () => pool.run({ kind: 'top-hash', file })))
    expect(new Set(hashes).size).toBe(1)
    const running = pool.run({ kind: 'top-hash', file })
    const waiting = [pool.run({ kind: 'top-hash', file }), pool.run({ kind: 'top-hash', file })]
    const outcomes = Promise.allSettled([running, ...waiting])
    await pool.close()
    for (const outcome of await outcomes) expect(outcome.status).toBe('rejected')
  })

  test('give up tasks that wait when they are aborted', async () => {
    const pool = new WorkerPool(1)
    const controller = new AbortController()
    const first = pool.run({ kind: 'top-hash', file })
    const second = pool.run({ kind: 'top-hash', file }, controller.signal)
    controller.abort()
    await expect(second).rejects.toMatchObject({ code: 'aborted' })
    expect(await first).toMatch(/^[0-9a-f]{64}$/)
    await expect(pool.run({ kind: 'top-hash', file }, controller.signal)).rejects.toMatchObject({
      code: 'aborted'
    })
    await pool.close()
  })

  test('that die fail their task, and the next task gets another', async () => {
    const program = path.join(folder, 'dies.mjs')
    writeFileSync(
      program,
      'import { parentPort } from "node:worker_threads"; parentPort.on("message", () => process.exit(3))'
    )
    const pool = new WorkerPool(1, new URL(`file://${program}`))
    for (let time = 0; time < 2; time++)
      await expect(pool.run({ kind: 'top-hash', file })).rejects.toMatchObject({ code: 'internal' })
    await pool.close()
  })

  test('hash a large file together', async () => {
    const name = path.join(folder, 'large')
    const content = Buffer.alloc(64 * 1024 * 1024 + 5)
    // a file with a hole, which needs no writing
    writeFileSync(name, '')
    truncateSync(name, content.length)
    const workers = new WorkerPool(2)
    const hasher = createHasher('sha2-256-chunked', content.length)
    hasher.update(content)
    expect(await hashFile(name, { workers })).toEqual({
      size: content.length,
      hash: hasher.digest()
    })
    const small = path.join(folder, 'small')
    writeFileSync(small, 'content')
    const crc = createHasher('CRC64NVME', 7)
    crc.update(Buffer.from('content'))
    expect((await hashFile(small, { type: 'CRC64NVME', workers })).hash).toEqual(crc.digest())
    const signal = AbortSignal.abort()
    await expect(hashFile(name, { type: 'SHA256', signal, workers })).rejects.toMatchObject({
      code: 'aborted'
    })
    await expect(hashFile(name, { signal, workers })).rejects.toMatchObject({
      code: 'aborted'
    })
    await expect(hashFile(path.join(folder, 'none'), { workers })).rejects.toMatchObject({
      code: 'object-not-found'
    })
    writeFileSync(name, '')
    expect(await hashFile(name, { workers })).toEqual({
      size: 0,
      hash: { type: 'sha2-256-chunked', value: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' }
    })
    await workers.close()
  })
})

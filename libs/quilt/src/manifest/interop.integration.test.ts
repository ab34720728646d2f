import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { z } from 'zod'
import { damaged, manifestSeeds } from '../../test/fuzz/manifests.ts'
import { randomUrl } from '../../test/fuzz/urls.ts'
import { anyPackage, manifestBytes } from '../../test/packages.ts'
import { ensurePython, reportMissing } from '../../test/python/environment.ts'
import { Random } from '../../test/random.ts'
import { isQuiltError } from '../error.ts'
import { formatPhysicalKey, parsePhysicalKey } from '../physical-key.ts'
import { topHash } from '../top-hash.ts'
import { loadManifest } from './read.ts'

const python = await ensurePython()
reportMissing('manifests and addresses', python)
const interpreter = 'missing' in python ? '' : python.interpreter
const oracle = fileURLToPath(new URL('../../test/interop/oracle.py', import.meta.url))

async function ask<T>(
  kind: 'manifest' | 'address',
  values: readonly string[],
  answer: z.ZodType<T>
): Promise<readonly T[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'quilt-oracle-'))
  const [questions, answers] = [path.join(folder, 'questions'), path.join(folder, 'answers')]
  await writeFile(questions, values.map((value) => `${JSON.stringify([kind, value])}\n`).join(''))
  await promisify(execFile)(interpreter, [oracle, questions, answers], { maxBuffer: 2 ** 28 })
  const lines = (await readFile(answers, 'utf8')).trimEnd().split('\n')
  await rm(folder, { recursive: true })
  return lines.map((line) => answer.parse(JSON.parse(line)))
}

const verdict = z.object({ stage: z.string(), topHash: z.string().optional(), dump: z.string().optional() })

async function ours(bytes: Buffer): Promise<z.output<typeof verdict>> {
  const answer: { stage: string; topHash?: string; dump?: string } = { stage: 'load' }
  try {
    const tree = await loadManifest([bytes])
    answer.stage = 'top_hash'
    answer.topHash = await topHash(tree.header, tree.walk())
    answer.stage = 'dump'
    answer.dump = (await manifestBytes(tree)).toString('base64')
    answer.stage = 'ok'
  } catch (error) {
    if (!isQuiltError(error)) throw error
  }
  return answer
}

async function compare(manifests: readonly Buffer[]): Promise<void> {
  const expected = await ask(
    'manifest',
    manifests.map((bytes) => bytes.toString('base64')),
    verdict
  )
  expect(expected).toHaveLength(manifests.length)
  for (const [index, bytes] of manifests.entries())
    expect({ manifest: bytes.toString('latin1'), ...(await ours(bytes)) }).toEqual({
      manifest: bytes.toString('latin1'),
      ...expected[index]
    })
}

const withClient = 'missing' in python ? test.skip : test

withClient('the Python client reads, hashes and writes what we write as we do', async () => {
  const packages = fc.sample(anyPackage, { numRuns: 300, seed: 5 })
  await compare(await Promise.all(packages.map(manifestBytes)))
})

withClient('the Python client says of damaged manifests what we say', async () => {
  const random = new Random(11)
  const seeds = manifestSeeds()
  await compare(
    Array.from({ length: 4000 }, () => damaged(seeds[random.below(seeds.length)] ?? Buffer.alloc(0), random))
  )
})

withClient('the Python client reads and writes addresses as we do', async () => {
  const random = new Random(13)
  const urls = Array.from({ length: 20_000 }, () => randomUrl(random))
  const answer = z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(false) }),
    z.object({
      ok: z.literal(true),
      bucket: z.string().nullable(),
      path: z.string(),
      versionId: z.string().nullable(),
      text: z.string().nullable()
    })
  ])
  const expected = await ask('address', urls, answer)
  for (const [index, url] of urls.entries()) expect([url, readAddress(url)]).toEqual([url, expected[index]])
})

function readAddress(url: string): unknown {
  try {
    const key = parsePhysicalKey(url)
    const parts =
      key.kind === 's3'
        ? { bucket: key.bucket, path: key.key, versionId: key.versionId ?? null }
        : { bucket: null, path: key.path, versionId: null }
    return { ok: true, ...parts, text: textOf(key) }
  } catch (error) {
    if (isQuiltError(error)) return { ok: false }
    throw error
  }
}

function textOf(key: ReturnType<typeof parsePhysicalKey>): string | null {
  try {
    return formatPhysicalKey(key)
  } catch (error) {
    if (isQuiltError(error, 'json-not-encodable')) return null
    throw error
  }
}

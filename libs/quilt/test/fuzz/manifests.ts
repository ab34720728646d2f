import { closeSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { isQuiltError } from '../../src/error.ts'
import { loadManifest } from '../../src/manifest/read.ts'
import { scanManifest } from '../../src/scan/scan-manifest.ts'
import { topHash } from '../../src/top-hash.ts'
import { goldenBytes } from '../golden.ts'
import type { Random } from '../random.ts'

/** Small manifests to begin with: the golden packages and mutations. */
export function manifestSeeds(): readonly Buffer[] {
  const golden = new URL('../../golden/', import.meta.url)
  return ['manifests', 'mutations'].flatMap((folder) =>
    readdirSync(new URL(folder, golden))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => goldenBytes(`${folder}/${name}`))
      .filter((bytes) => bytes.length < 20_000)
  )
}

const pieces: readonly [string, ...string[]] = [
  '\n',
  '\r',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '/',
  '0',
  '-',
  '1e5',
  'NaN',
  'null',
  '\\ud800',
  '\\u0000',
  '\u00e9',
  '😀',
  '\0',
  '"a": 1, ',
  '"logical_key": "a", ',
  's3://',
  'file:///',
  '?versionId=',
  '%00',
  '#',
  '{"logical_key": "a/", "meta": {"x": 1}}\n'
]

/** A manifest with some damage. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  let result = bytes
  for (let change = random.below(4); change >= 0; change--) {
    const at = random.below(result.length + 1)
    const length = random.pick([0, 0, 1, 1, 2, 10, 100])
    const lines = result.toString('latin1').split('\n')
    switch (random.below(5)) {
      case 0:
        result = Buffer.concat([
          result.subarray(0, at),
          Buffer.from(random.pick(pieces)),
          result.subarray(at + length)
        ])
        break
      case 1:
        result = Buffer.concat([
          result.subarray(0, at),
          Buffer.from([random.below(256)]),
          result.subarray(at + 1)
        ])
        break
      case 2:
        result = result.subarray(0, at)
        break
      case 3:
        lines.splice(random.below(lines.length), 0, lines[random.below(lines.length)] ?? '')
        result = Buffer.from(lines.join('\n'), 'latin1')
        break
      default:
        lines.splice(random.below(lines.length), 1)
        result = Buffer.from(lines.join('\n'), 'latin1')
    }
  }
  return result
}

interface Verdict {
  readonly loads: boolean
  readonly hash?: string
  readonly entries?: number
}

interface Loaded {
  readonly entries: number
  readonly hash: () => Promise<string> | string | undefined
}

/** What becomes of a manifest: with a QuiltError it does not load, or has no top hash where that tells that an entry lacks something. */
async function verdictOf(load: () => Promise<Loaded> | Loaded | undefined): Promise<Verdict | undefined> {
  try {
    const loaded = await load()
    if (loaded === undefined) return undefined
    const { entries } = loaded
    try {
      const hash = await loaded.hash()
      return { loads: true, entries, ...(hash === undefined ? {} : { hash }) }
    } catch (error) {
      if (isQuiltError(error, 'entry-incomplete')) return { loads: true, entries }
      throw error
    }
  } catch (error) {
    if (isQuiltError(error)) return { loads: false }
    throw error
  }
}

async function readWhole(bytes: Buffer): Promise<Loaded> {
  const tree = await loadManifest([bytes])
  return { entries: [...tree.walk()].length, hash: () => topHash(tree.header, tree.walk()) }
}

/** Undefined where the scan leaves the manifest to the general reader. */
function scanned(file: number): Loaded | undefined {
  const plain = scanManifest(file)
  if (plain === undefined) return undefined
  return { entries: plain.index.facts.entries, hash: () => scanManifest(file, { hash: true })?.topHash }
}

/**
 * Reads a manifest with the scan and with the general reader; throws where they do not agree, or one throws anything
 * but a QuiltError.
 *
 * @param scratch a file that may be overwritten
 * @returns whether the scan could read it
 */
export async function checkManifest(bytes: Buffer, scratch: string): Promise<boolean> {
  writeFileSync(scratch, bytes)
  const file = openSync(scratch, 'r')
  try {
    const fast = await verdictOf(() => scanned(file))
    const slow = await verdictOf(() => readWhole(bytes))
    if (fast !== undefined && JSON.stringify(fast) !== JSON.stringify({ ...fast, ...slow }))
      throw new Error(
        `the scan says ${JSON.stringify(fast)}, the reader ${JSON.stringify(slow)} of ${JSON.stringify(bytes.toString('latin1'))}`
      )
    return fast?.loads === true
  } finally {
    closeSync(file)
  }
}

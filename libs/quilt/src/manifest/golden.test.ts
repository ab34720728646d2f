import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { goldenBytes, goldenRows, string, type Row } from '../../test/golden.ts'
import { createEntry } from '../entry.ts'
import { isQuiltError } from '../error.ts'
import { encodeForHash } from '../json/encode.ts'
import { parseJson } from '../json/parse.ts'
import { isJsonObject } from '../json/value.ts'
import { TopHasher } from '../top-hash.ts'
import { loadManifest } from './read.ts'
import { PackageTree } from './tree.ts'
import { writeManifest } from './write.ts'

async function dump(tree: PackageTree): Promise<Buffer> {
  const content = { header: tree.header, folderMetadata: tree.folderMetadata(), entries: tree.walk() }
  return Buffer.concat(await Array.fromAsync(writeManifest(content)))
}

function hash(tree: PackageTree): string {
  const hasher = new TopHasher(tree.header)
  for (const entry of tree.walk()) hasher.add(entry)
  return hasher.digest()
}

/** The exact text that is hashed. */
function hashInput(tree: PackageTree): string {
  return [
    encodeForHash(tree.header),
    ...Array.from(tree.walk(), ({ logicalKey, record }) =>
      encodeForHash(
        new Map(
          [...Object.entries(record), ['logical_key', logicalKey] as const].sort(([a], [b]) =>
            a < b ? -1 : 1
          )
        )
      )
    )
  ].join('')
}

describe('every golden package', () => {
  test.each(goldenRows('index.json').map((row) => [row.text('name'), row] as const))(
    '%s is read, hashed and written as the Python client does',
    async (_, row) => {
      const bytes = goldenBytes(row.text('manifest'))
      const tree = await loadManifest([bytes])
      expect(hash(tree)).toBe(row.text('top_hash'))
      expect(hashInput(tree)).toBe(goldenBytes(row.text('tophash_input')).toString())
      expect([...tree.walk()]).toHaveLength(row.number('entries'))
      expect([...tree.folderMetadata()]).toHaveLength(row.number('dir_meta_lines'))
      expect(tree.header.get('message') ?? null).toBe(row.textOrNull('message'))
      const written = await dump(tree)
      expect(written.equals(bytes)).toBe(row.row('loaded').flag('roundtrip'))
      expect(createHash('sha256').update(written).digest('hex')).toBe(row.text('manifest_sha256'))
    }
  )
})

/** The package that a golden spec describes, built with the operations of the tree. */
function build(spec: Row, sizes: ReadonlyMap<string, Row>): PackageTree {
  const tree = new PackageTree()
  for (const op of spec.rows('ops')) {
    const meta = parseJson(op.text('meta_json'))
    if (op.text('op') === 'set_meta') tree.setHeader('user_meta', meta)
    else if (op.text('op') === 'set_dir_meta') tree.setFolderMeta(op.text('logical_key'), meta)
    else {
      const logicalKey = op.text('logical_key')
      const from = op.text('op') === 'set' ? op : sizes.get(logicalKey)
      if (from === undefined) throw new Error(`no size for ${logicalKey}`)
      const physicalKey =
        op.text('op') === 'set'
          ? ({
              kind: 's3',
              bucket: op.text('bucket'),
              key: op.text('path'),
              versionId: op.textOrNull('version_id') ?? undefined
            } as const)
          : ({ kind: 'file', path: op.text('path') } as const)
      const { type, value } = { type: from.row('hash').text('type'), value: from.row('hash').text('value') }
      tree.set(
        createEntry({ logicalKey, physicalKey, size: from.number('size'), hash: { type, value }, meta })
      )
    }
  }
  const workflow = spec.value('workflow')
  if (workflow !== null) tree.setHeader('workflow', workflow)
  tree.setHeader('message', spec.value('message'))
  return tree
}

describe('every golden spec', () => {
  const rows = goldenRows('index.json').filter((row) => row.has('spec') && row.value('spec') !== null)
  test.each(rows.map((row) => [row.text('name'), row] as const))(
    '%s rebuilds its manifest',
    async (_, row) => {
      const [spec] = [parseJson(goldenBytes(row.text('spec')).toString())]
      const bytes = goldenBytes(row.text('manifest'))
      const lines = bytes.toString().split('\n').slice(1, -1).map(parseJson).filter(isJsonObject)
      const { Row } = await import('../../test/golden.ts')
      const sizes = new Map(
        lines
          .filter((line) => line.has('physical_keys'))
          .map((line) => [string(line.get('logical_key')), new Row(line)])
      )
      expect((await dump(build(new Row(spec), sizes))).toString()).toBe(bytes.toString())
    }
  )
})

/** What we do with a manifest: load, hash, write. */
async function verdict(
  bytes: Buffer
): Promise<{ stage: string; topHash?: string; dump?: string; code?: string }> {
  let stage = 'load'
  let topHash: string | undefined
  try {
    const tree = await loadManifest([bytes])
    stage = 'top_hash'
    topHash = hash(tree)
    stage = 'dump'
    return { stage: 'ok', topHash, dump: (await dump(tree)).toString() }
  } catch (error) {
    if (!isQuiltError(error)) throw error
    return { stage, code: error.code, ...(topHash === undefined ? {} : { topHash }) }
  }
}

describe('every golden mutation', () => {
  test.each(goldenRows('mutations/index.json').map((row) => [row.text('name'), row] as const))(
    '%s gets the verdict of the Python client',
    async (_, row) => {
      const expected = row.row('quilt3')
      const bytes = goldenBytes(row.text('manifest'))
      const actual = await verdict(bytes)
      expect(actual.stage).toBe(expected.flag('ok') ? 'ok' : expected.text('stage'))
      if (expected.has('top_hash')) expect(actual.topHash).toBe(expected.text('top_hash'))
      if (expected.has('roundtrip')) expect(actual.dump === bytes.toString()).toBe(expected.flag('roundtrip'))
      if (expected.has('dump')) expect(actual.dump).toBe(expected.text('dump'))
    }
  )

  test('each is refused with a code that names the fault', async () => {
    const codes: Record<string, string> = {}
    for (const row of goldenRows('mutations/index.json')) {
      const { stage, code } = await verdict(goldenBytes(row.text('manifest')))
      if (code !== undefined) codes[row.text('name')] = `${stage}: ${code}`
    }
    expect(codes).toMatchSnapshot()
  })
})

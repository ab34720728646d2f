import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { array, goldenRows, string } from '../test/golden.ts'
import { anyPackage } from '../test/packages.ts'
import { diff, differences } from './diff.ts'
import { createEntry } from './entry.ts'
import type { JsonValue } from './json/value.ts'
import { MemoryManifest } from './manifest/memory-manifest.ts'
import { PackageTree } from './manifest/tree.ts'
import { topHash } from './top-hash.ts'

async function opened(tree: PackageTree): Promise<MemoryManifest> {
  return new MemoryManifest(await topHash(tree.header, tree.walk()), tree)
}

function packageOf(rows: readonly JsonValue[]): PackageTree {
  const tree = new PackageTree()
  for (const row of rows) {
    const [key, size, value, meta] = array(row)
    const logicalKey = string(key)
    tree.set(
      createEntry({
        logicalKey,
        physicalKey: { kind: 's3', bucket: 'b', key: logicalKey, versionId: undefined },
        size: Number(size),
        hash: { type: 'SHA256', value: string(value) },
        ...(meta === null || meta === undefined ? {} : { userMeta: meta })
      })
    )
  }
  return tree
}

describe('the difference of two revisions', () => {
  test('is that of the Python client', async () => {
    for (const row of goldenRows('vectors/diff.json')) {
      const before = await opened(packageOf(array(row.value('self'))))
      const after = await opened(packageOf(array(row.value('other'))))
      const { added, modified, deleted } = await diff(before, after)
      expect([added, modified, deleted]).toEqual(array(row.value('diff_added_modified_deleted')))
      expect(before.topHash === after.topHash).toBe(row.flag('same_top_hash'))
    }
  })

  test('is what a comparison of all keys finds, for any two packages', async () => {
    await fc.assert(
      fc.asyncProperty(anyPackage, anyPackage, async (first, second) => {
        const before = new Map(Array.from(first.walk(), (entry) => [entry.logicalKey, entry]))
        const after = new Map(Array.from(second.walk(), (entry) => [entry.logicalKey, entry]))
        const found = await diff(await opened(first), await opened(second))
        expect(new Set(found.deleted)).toEqual(new Set(before.keys()).difference(new Set(after.keys())))
        expect(new Set(found.added)).toEqual(new Set(after.keys()).difference(new Set(before.keys())))
        const same = await diff(await opened(first), await opened(first))
        expect(same).toEqual({ added: [], modified: [], deleted: [] })
      }),
      { numRuns: 40 }
    )
  })

  test('names the entries on both sides', async () => {
    const before = await opened(
      packageOf([
        ['a', 1n, 'x', null],
        ['b', 1n, 'x', null]
      ])
    )
    const after = await opened(
      packageOf([
        ['b', 2n, 'x', null],
        ['c', 1n, 'x', null]
      ])
    )
    const found = (await Array.fromAsync(differences(before, after))).flat()
    expect(found).toMatchObject([
      { kind: 'deleted', logicalKey: 'a', before: { size: 1 } },
      { kind: 'modified', logicalKey: 'b', before: { size: 1 }, after: { size: 2 } },
      { kind: 'added', logicalKey: 'c', after: { size: 1 } }
    ])
  })
})

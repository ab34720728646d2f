import { describe, expect, test } from '@jest/globals'
import { array, goldenRows, string } from '../test/golden.ts'
import { createEntry } from './entry.ts'
import { isQuiltError } from './error.ts'
import { compareKeys } from './json/code-points.ts'
import { encodeForHash, encodeForManifest } from './json/encode.ts'
import { parseJson } from './json/parse.ts'
import { PackageTree } from './manifest/tree.ts'
import { checkLogicalKey, checkPackageName, isPackageName } from './names.ts'
import { formatPhysicalKey, parsePhysicalKey } from './physical-key.ts'
import type { Entry } from './types.ts'

/** What goes wrong, in words; undefined where nothing does. */
function failure(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (!isQuiltError(error)) throw error
    return error.message
  }
}

/** What comes back, null where it is refused. */
function valueOrNull(action: () => string): string | null {
  try {
    return action()
  } catch (error) {
    if (!isQuiltError(error)) throw error
    return null
  }
}

function entryAt(logicalKey: string, key = logicalKey): Entry {
  return createEntry({
    logicalKey,
    physicalKey: { kind: 's3', bucket: 'b', key, versionId: undefined },
    size: 1,
    hash: { type: 'sha2-256-chunked', value: 'x' }
  })
}

describe('golden vectors', () => {
  test('JSON is read and encoded in both encodings as Python does', () => {
    // thousands of rows: one comparison of all is much faster than one of each
    const rows = goldenRows('vectors/json.json')
    const encoded = rows.map((row) => {
      const value = parseJson(row.text('raw'))
      return { top: encodeForHash(value), manifest: valueOrNull(() => encodeForManifest(value)) }
    })
    expect(encoded).toEqual(
      rows.map((row) => ({ top: row.text('top'), manifest: row.textOrNull('manifest') }))
    )
  })

  test('package names are accepted and refused', () => {
    for (const row of goldenRows('vectors/package_names.json')) {
      const name = row.text('value')
      expect([name, failure(() => checkPackageName(name))]).toEqual([
        name,
        row.flag('ok') ? undefined : row.text('error')
      ])
      expect(isPackageName(name)).toBe(row.flag('ok'))
    }
  })

  test('logical keys are accepted and refused', () => {
    for (const row of goldenRows('vectors/logical_keys.json')) {
      const key = row.text('value')
      expect([key, failure(() => checkLogicalKey(key)) === undefined]).toEqual([key, row.flag('ok')])
    }
  })

  test('physical keys are formatted, and read back', () => {
    for (const row of goldenRows('vectors/physical_key_format.json')) {
      const key = {
        kind: 's3',
        bucket: row.text('bucket'),
        key: row.text('path'),
        versionId: row.textOrNull('version_id') ?? undefined
      } as const
      expect(formatPhysicalKey(key)).toBe(row.text('url'))
      const [bucket, path, version] = array(row.value('parsed'))
      const versionId = version === null ? undefined : string(version)
      expect(parsePhysicalKey(row.text('url'))).toEqual({ kind: 's3', bucket, key: path, versionId })
    }
  })

  test('physical keys are read', () => {
    for (const row of goldenRows('vectors/physical_key_parse.json')) {
      const url = row.text('url')
      if (!row.flag('ok')) {
        expect(failure(() => parsePhysicalKey(url))).toContain(row.text('error'))
        continue
      }
      const key = parsePhysicalKey(url)
      expect([url, key]).toEqual([
        url,
        key.kind === 'file'
          ? { kind: 'file', path: row.text('path') }
          : {
              kind: 's3',
              bucket: row.text('bucket'),
              key: row.text('path'),
              versionId: row.textOrNull('version_id') ?? undefined
            }
      ])
      expect(formatPhysicalKey(key)).toBe(row.text('str'))
    }
  })

  test('a package is walked in the order of the Python client', () => {
    for (const row of goldenRows('vectors/walk_order.json')) {
      const tree = new PackageTree()
      for (const key of row.texts('input')) tree.set(entryAt(key))
      const walk = Array.from(tree.walk(), (entry) => entry.logicalKey)
      expect(walk).toEqual(row.texts('walk'))
      expect([...row.texts('input')].sort(compareKeys)).toEqual(walk)
    }
  })

  test('a key cannot be a file and a folder', () => {
    for (const row of goldenRows('vectors/set_conflicts.json')) {
      const tree = new PackageTree()
      const results = row
        .texts('set')
        .map((key, index) => failure(() => tree.set(entryAt(key, String(index)))))
      expect(results.map((result) => result === undefined)).toEqual(
        row.texts('result').map((result) => result === 'ok')
      )
      expect(Array.from(tree.walk(), (e) => [e.logicalKey, formatPhysicalKey(e.physicalKey)])).toEqual(
        array(row.value('walk'))
      )
    }
  })
})

import fc from 'fast-check'
import { createEntry } from '../src/entry.ts'
import { PackageTree } from '../src/manifest/tree.ts'
import { writeManifest } from '../src/manifest/write.ts'
import type { JsonValue } from '../src/json/value.ts'

const part = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'a',
      'b',
      'c',
      'd',
      'a b',
      'a-b',
      'a.b',
      'A',
      'ab',
      'x.csv',
      'y.CSV',
      '10',
      '9'
    )
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 4 })
      .map((text) => text.replaceAll('/', '_'))
      .filter((text) => text !== '.' && text !== '..')
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'é',
      'e\u0301',
      '\ue000',
      '\uffff',
      '😀',
      '\u{10ffff}',
      '\x01',
      '\x7f',
      '"',
      '\\',
      '~',
      '!'
    )
  }
)

/** Logical keys, some of which lie in the same folders. */
export const anyKey: fc.Arbitrary<string> = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))

/** JSON values that a manifest can hold: integers of any size, floats, strange keys. */
export const anyJson: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.bigInt(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom('a', 'b', '10', '9', '__proto__', 'é', '😀'),
            fc.string({ unit: 'grapheme', maxLength: 3 })
          ),
          tie('value')
        ),
        { maxLength: 3 }
      )
      .map((members) => new Map(members))
  )
})).value

/** A package with entries, metadata and folder metadata. Keys that conflict are left out. */
export const anyPackage: fc.Arbitrary<PackageTree> = fc
  .record({
    userMeta: fc.option(anyJson),
    message: fc.option(fc.string({ unit: 'grapheme' })),
    entries: fc.array(
      fc.record({
        key: anyKey,
        size: fc.oneof(
          fc.nat(),
          fc.maxSafeNat().map((size) => size % 2 ** 45)
        ),
        type: fc.constantFrom('sha2-256-chunked', 'SHA256', 'odd"type'),
        versionId: fc.option(fc.string({ unit: 'grapheme', maxLength: 5 }), { nil: undefined }),
        local: fc.boolean(),
        meta: fc.oneof(
          fc.constant(new Map<string, JsonValue>()),
          anyJson.map((value) => new Map([['user_meta', value]]))
        )
      }),
      { maxLength: 40 }
    ),
    folders: fc.array(fc.tuple(anyKey, anyJson), { maxLength: 4 })
  })
  .map(({ userMeta, message, entries, folders }) => {
    const tree = new PackageTree()
    if (userMeta !== null) tree.setHeader('user_meta', userMeta)
    tree.setHeader('message', message)
    for (const { key, size, type, versionId, local, meta } of entries)
      unlessConflict(() =>
        tree.set(
          createEntry({
            logicalKey: key,
            physicalKey: local
              ? { kind: 'file', path: `/data/${key.replaceAll('\0', '')}` }
              : { kind: 's3', bucket: 'bucket', key, versionId: versionId === '' ? undefined : versionId },
            size,
            hash: { type, value: 'v'.repeat(size % 50) },
            meta
          })
        )
      )
    for (const [path, meta] of folders) unlessConflict(() => tree.setFolderMeta(path, meta))
    return tree
  })

function unlessConflict(action: () => void): void {
  try {
    action()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'key-conflict')) throw error
  }
}

/** The bytes of a package's manifest. */
export async function manifestBytes(tree: PackageTree): Promise<Buffer> {
  const content = { header: tree.header, folderMetadata: tree.folderMetadata(), entries: tree.walk() }
  return Buffer.concat(await Array.fromAsync(writeManifest(content)))
}

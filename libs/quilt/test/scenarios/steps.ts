import { fromPlain } from '../../src/json/index.ts'
import type { JsonValue } from '../../src/json/value.ts'
import { formatPhysicalKey } from '../../src/physical-key.ts'
import { fetchPackage } from '../../src/registry/fetch.ts'
import { openRegistry } from '../../src/registry/open-registry.ts'
import type { PackageBuilder } from '../../src/registry/package-builder.ts'
import type { PushOptions } from '../../src/registry/package-writer.ts'
import { verifyFolder } from '../../src/registry/verify.ts'
import type { WritableRegistry } from '../../src/registry/writable-registry.ts'
import type { Manifest, PhysicalKey } from '../../src/types.ts'
import type { Bench } from './bench.ts'

export const largeSize = 8_388_613

/** Does what one recorded step did, at the time it was done, and returns what it returned. */
export type Step = (now: Date) => Promise<JsonValue>

/** What cannot be asked of this library, and why. */
export interface Skipped {
  readonly skipped: string
}

/** The recorded steps by their names, in their order: the later ones build on the earlier. */
export async function scenarioSteps(bench: Bench): Promise<ReadonlyMap<string, Step | Skipped>> {
  for (const [bucket, versioned] of [
    ['lab-a', true],
    ['lab-b', true],
    ['lab-u', false],
    ['lab-v2', true]
  ] as const)
    await bench.createBucket(bucket, versioned)
  const registry = (bucket: string, layoutVersion: 1 | 2 = 1): WritableRegistry =>
    openRegistry(`s3://${bucket}`, { s3: bench.s3, cacheFolder: `${bench.folder}/cache`, layoutVersion })
  const a = registry('lab-a')
  const files = {
    hello: await bench.file('d/a b#+é.txt', 'hello'),
    large: await bench.file('d/big.bin', Buffer.alloc(largeSize, 'q')),
    empty: await bench.file('d/empty', ''),
    csv: await bench.file('d/sub/x.csv', '1,2')
  }
  const steps = new Map<string, Step | Skipped>()
  const add = (name: string, step: Step): void => void steps.set(name, step)

  const first = a
    .newPackage()
    .set('a b#+é.txt', { file: files.hello })
    .set('big.bin', { file: files.large }, fromPlain({ m: 1 }))
    .set('empty', { file: files.empty })
    .set('sub/x.csv', { file: files.csv })
    .setFolderMeta('sub', fromPlain({ d: 1 }))
    .setMeta(new Map([['k', 1.0]]))
  add('push local files (with dir metadata) to versioned bucket', (now) =>
    pushed(a, first, 'u/p', { message: 'one', now })
  )
  add(
    'dir metadata after push: lost (only entries are copied into the new package)',
    async () => new Map(await (await latest(a, 'u/p')).folderMetadata())
  )
  add('push again by the same object, no change: same top hash, re-published', (now) =>
    pushed(a, first, 'u/p', { message: 'one', now })
  )
  add('push by a fresh Package over an existing one: conflict', (now) =>
    pushed(a, a.newPackage(), 'u/p', { now })
  )
  add('push --force', (now) =>
    pushed(a, a.newPackage().set('x', { file: files.empty }), 'u/p', { message: 'two', now, force: true })
  )
  add('browse latest', async () => described(await latest(a, 'u/p')))
  add('list_packages', () => names(a))
  add('list_package_versions', () => versions(a, 'u/p'))
  const opened = async (name: string, selector: string): Promise<JsonValue> =>
    (await a.open(await a.resolve(name, selector))).topHash
  const one = '7696c51a5540c4ffe05ee401381b5c3bb41e4ead3c2da602574c5ceba3509e4c'
  add('browse by 6-char prefix', () => opened('u/p', one.slice(0, 6)))
  add('browse by 5-char prefix', () => opened('u/p', one.slice(0, 5)))
  add('browse by unknown prefix', () => opened('u/p', 'ffffff'))
  add('browse by unknown full hash', () => opened('u/p', 'f'.repeat(64)))
  add('browse by 65 chars', () => opened('u/p', 'f'.repeat(65)))
  add('browse of unknown package', () => opened('u/none', 'latest'))
  add('browse of hash that belongs to another package name: not checked', () => opened('other/name', one))
  add('resolve_hash', () => a.resolve('u/p', one.slice(0, 10)))
  add(
    'rollback to prefix',
    nothing(() => a.rollback('u/p', one.slice(0, 10)))
  )
  add(
    'rollback to unknown',
    nothing(() => a.rollback('u/p', 'f'.repeat(64)))
  )
  add(
    'rollback of a package without latest',
    nothing(() => a.rollback('u/none', one))
  )
  add(
    'dedupe push (same content as latest)',
    async (now) => (await (await a.patch('u/p')).push('u/p', { message: 'one', now, dedupe: true })).topHash
  )
  add(
    'dedupe with other message is a new revision (message is hashed)',
    async (now) => (await (await a.patch('u/p')).push('u/p', { message: 'three', now, dedupe: true })).topHash
  )
  add(
    'delete one version (by prefix), the latest',
    nothing(() => a.deleteRevision('u/p', 'dc031475'))
  )
  add(
    'delete unknown version',
    nothing(() => a.deleteRevision('u/p', 'f'.repeat(64)))
  )
  add(
    'delete whole package: pointers go, manifests and data stay',
    nothing(() => a.deletePackage('u/p'))
  )
  add(
    'delete again: no error on S3',
    nothing(() => a.deletePackage('u/p'))
  )
  add('bad package names', (now) => pushed(a, a.newPackage(), 'u/p/q', { now }))

  const g: PhysicalKey = { kind: 's3', bucket: 'lab-a', key: 'raw/g.txt', versionId: undefined }
  const f: PhysicalKey = { kind: 's3', bucket: 'lab-b', key: 'dir/f 1+.txt', versionId: undefined }
  const h: PhysicalKey = { kind: 's3', bucket: 'lab-u', key: 'raw/h.txt', versionId: undefined }
  const mixed = (): PackageBuilder =>
    a
      .newPackage()
      .set('a', { object: g })
      .set('b', { object: f })
      .set('l', { file: files.csv })
      .set('u', { object: h })
      .set('unv', { object: g, unversioned: true })
  const push =
    (name: string, options: PushOptions): Step =>
    (now) =>
      pushed(a, mixed(), name, { message: 'm', now, ...options })
  add('default selector: only entries outside the registry bucket are copied', async (now) => {
    await bench.put('lab-a', 'raw/g.txt', 'remote a')
    await bench.put('lab-b', 'dir/f 1+.txt', 'remote b')
    await bench.put('lab-u', 'raw/h.txt', 'remote u')
    return await pushed(a, mixed(), 'mix/default', { message: 'm', now })
  })
  add('selector_fn_copy_local', push('mix/local', { select: 'local' }))
  add('selector_fn_copy_all', push('mix/all', { select: 'all' }))
  add('selector that copies nothing: file:// stays in the manifest', push('mix/none', { select: 'none' }))
  add('dest prefix', push('mix/dest', { destination: 's3://lab-a/some/pre%20fix' }))
  add('dest in another bucket', push('mix/x', { destination: 's3://lab-b/x' }))
  add('dest callable', push('mix/destfn', { destination: (key) => `s3://lab-b/fn/${key}` }))
  add(
    'dest callable with versionId',
    push('mix/x', { destination: (key) => `s3://lab-b/fn/${key}?versionId=x` })
  )
  add('registry with a path', () => Promise.resolve(openRegistry('s3://lab-a/path').uri))
  steps.set('push to file registry', { skipped: 'a registry in a folder can be pushed to' })
  add('push to unversioned bucket', (now) => {
    const u = registry('lab-u')
    return pushed(u, u.newPackage().set('a', { file: files.empty }), 'u/p', { message: 'm', now })
  })
  add('set missing object', async (now) =>
    pushed(a, a.newPackage().set('x', { object: { ...f, key: 'none' } }), 'u/x', { now })
  )
  add('set missing file', (now) =>
    pushed(a, a.newPackage().set('x', { file: '/nonexistent' }), 'u/x', { now })
  )
  const aside = openRegistry(`file://${bench.folder}/aside`, {
    s3: bench.s3,
    cacheFolder: `${bench.folder}/cache`
  })
  /** The entries that a prefix becomes, as far as they are recorded: before their checksums are computed. */
  const ofPrefix = async (
    unversioned: boolean
  ): Promise<readonly (readonly [string, string, JsonValue])[]> => {
    const builder = aside.newPackage()
    await builder.addFolder('pre', { prefix: { ...f, key: 'dir' }, unversioned })
    await builder.build('u/prefix')
    const entries = (await latest(aside, 'u/prefix')).entries()
    return await Array.fromAsync(entries, ({ logicalKey, physicalKey, record }) => [
      logicalKey,
      formatPhysicalKey(physicalKey),
      record.size
    ])
  }
  add('set_dir of S3 prefix (versioned)', async () => (await ofPrefix(false)).map((row) => [...row, null]))
  add('set_dir unversioned', async () => (await ofPrefix(true)).map(([key, place]) => [key, place]))
  add('header after set_dir("/") without meta', () => {
    const header = new Map(a.newPackage().setMeta(null).header(undefined, null))
    header.delete('message')
    return Promise.resolve(header)
  })
  add('message not a string', () => pushedUnchecked(a, 'u/x', { message: 1 }))
  add('unversioned hash of S3 objects (build)', async (now) => {
    const builder = a.newPackage().setMeta(null)
    await builder.addFolder('', { prefix: { kind: 's3', bucket: 'lab-b', key: 'dir', versionId: undefined } })
    return (await builder.build('u/built', { message: 'm', now })).topHash
  })
  const verify = async (extraFilesOk: boolean): Promise<JsonValue> => {
    const found = await Array.fromAsync(verifyFolder(await latest(a, 'mix/default'), `${bench.folder}/v`))
    return found.every(({ kind }) => kind === 'extra' && extraFilesOk)
  }
  add('verify ok', async () => {
    await fetchPackage(a, await latest(a, 'mix/default'), `${bench.folder}/v`)
    return await verify(false)
  })
  add('verify extra file', async () => {
    await bench.file('v/extra', 'x')
    return await verify(false)
  })
  add('verify extra ok', () => verify(true))
  add('verify changed', async () => {
    await bench.removeFile('v/extra')
    await bench.file('v/a', 'REMOTE a')
    return await verify(false)
  })
  add(
    'install',
    nothing(async () => {
      await fetchPackage(a, await latest(a, 'mix/default'), `${bench.folder}/installed`)
    })
  )
  add('readme missing', async () => {
    const readme = await (await latest(a, 'mix/default')).entry('README.md')
    if (readme === undefined) throw new Error('This Package is missing a README file.')
    return null
  })
  add('list_packages with odd pointer paths', async () => {
    await bench.put('lab-a', '.quilt/named_packages/junk/one/latest', `${'0'.repeat(64)}\n`)
    await bench.put('lab-a', '.quilt/named_packages/junk/one/two/latest', 'x')
    await bench.put('lab-a', '.quilt/named_packages/junk/tag/v1.0', one)
    return await names(a)
  })
  add('pointer with newline: list strips, browse does not', () => versions(a, 'junk/one'))
  add('pointer with newline: browse', () => opened('junk/one', 'latest'))
  add('custom tag pointer is listed', () => versions(a, 'junk/tag'))
  add('custom tag without latest: browse', () => opened('junk/tag', 'latest'))

  addWorkflows(bench, registry('lab-b'), add)
  addVersionTwo(registry('lab-v2', 2), files.csv, add)
  addLocal(bench, files.csv, files.empty, add)
  return steps
}

type Add = (name: string, step: Step) => void

function addWorkflows(bench: Bench, b: WritableRegistry, add: Add): void {
  interface Case extends PushOptions {
    readonly name?: string
    readonly meta?: JsonValue
    readonly entries?: Readonly<Record<string, string>>
  }
  const check = (title: string, { name = 'w/p', meta, entries = {}, ...options }: Case = {}): void => {
    add(`workflow: ${title}`, (now) => {
      const builder = b.newPackage()
      if (meta !== undefined) builder.setMeta(meta)
      for (const [key, text] of Object.entries(entries)) builder.set(key, Buffer.from(text))
      return pushed(b, builder, name, { now, force: true, ...options })
    })
  }
  const config = (title: string, text: string, options: Case = {}): void => {
    add(`workflow: ${title}`, async (now) => {
      await bench.put('lab-b', '.quilt/workflows/config.yml', text)
      return await pushed(b, b.newPackage(), 'w/p', { now, force: true, ...options })
    })
  }
  check('no config, workflow=None', { workflow: null })
  check('no config, workflow unset')
  check('no config, workflow="x" given', { workflow: 'x' })
  add('workflow: wrong type', () => pushedUnchecked(b, 'w/p', { force: true, workflow: 1 }))
  add('workflow: config, unset and no default', async (now) => {
    for (const [key, text] of Object.entries(schemas)) await bench.put('lab-b', key, text)
    await bench.put('lab-b', '.quilt/workflows/config.yml', largeConfig)
    return await pushed(b, b.newPackage(), 'w/p', { now, force: true })
  })
  check('config, None', { workflow: null })
  check('unknown', { workflow: 'nope' })
  check('alpha without message', { workflow: 'alpha' })
  check('alpha empty message', { workflow: 'alpha', message: '' })
  check('alpha ok', { workflow: 'alpha', message: 'm' })
  check('beta missing property', { workflow: 'beta', meta: fromPlain({}) })
  check('beta bad enum', { workflow: 'beta', meta: fromPlain({ superhero: 'X' }) })
  check('beta ok, format date is not enforced', {
    workflow: 'beta',
    meta: fromPlain({ superhero: 'Batman', d: 'nope' })
  })
  check('beta meta null', { workflow: 'beta', meta: null })
  check('gamma bad name', { workflow: 'gamma' })
  check('gamma no entries', { workflow: 'gamma', name: 'w/x' })
  check('gamma no readme', { workflow: 'gamma', name: 'w/x', entries: { a: '1,2' } })
  check('gamma ok (pattern is search, unanchored end)', {
    workflow: 'gamma',
    name: 'w/xyz',
    entries: { 'README.md': '# r' }
  })
  for (const id of ['delta', 'eps', 'zeta', 'eta', 'theta', 'iota', 'kappa'])
    check(`${id} config error`, { workflow: id })
  const optional =
    'version:\n  base: "1.1.0"\n  catalog: "1"\nis_workflow_required: false\ndefault_workflow: alpha\nworkflows:\n  alpha:\n    name: A\n'
  config('default and not required, unset', optional)
  check('default and not required, None', { workflow: null })
  config('config version 2', 'version: "2"\nworkflows: {a: {name: A}}\n')
  config('config version 1.2', 'version: "1.2"\nworkflows: {a: {name: A}}\n')
  config('config version int', 'version: 1\nworkflows: {a: {name: A}}\n')
  config('config bad yaml', 'a: [\n')
  config('config empty', '')
  config('config no workflows', 'version: "1"\n')
  config('config extra key', 'version: "1"\nfoo: 1\nworkflows: {a: {name: A}}\n')
  config('config bad workflow id', 'version: "1"\nworkflows: {"1a": {name: A}}\n')
  config('config version 0', 'version: "0"\nworkflows: {a: {name: A}}\n')
  config('config default missing', 'version: "1"\ndefault_workflow: zzz\nworkflows: {a: {name: A}}\n')
  config('config bad regex', 'version: "1"\nworkflows: {a: {name: A, handle_pattern: "("}}\n', {
    workflow: 'a'
  })
}

function addVersionTwo(v2: WritableRegistry, csv: string, add: Add): void {
  add(
    'V2: push',
    async (now) => (await v2.newPackage().set('a', { file: csv }).push('u/p', { message: '1', now })).topHash
  )
  add('V2: second', async (now) => (await (await v2.patch('u/p')).push('u/p', { message: '2', now })).topHash)
  add('V2: list', async () => {
    const { items } = await v2.revisions('u/p', { limit: 100 })
    const hashes = items.filter(({ pointer }) => pointer !== 'latest').map(({ topHash }) => topHash)
    return [await names(v2), hashes.sort()]
  })
  add(
    'V2: delete version',
    nothing(() => v2.deleteRevision('u/p', '72f45ba8'))
  )
  add(
    'V2: delete',
    nothing(() => v2.deletePackage('u/p'))
  )
}

function addLocal(bench: Bench, csv: string, empty: string, add: Add): void {
  const local = openRegistry(`file://${bench.folder}/reg`)
  const none = openRegistry(`file://${bench.folder}/nonexistent`)
  add(
    'local: build 1',
    async (now) =>
      (await local.newPackage().set('a', { file: csv }).build('u/p', { message: '1', now })).topHash
  )
  add('local: build 2', async (now) => {
    const builder = local.newPackage().set('a', { file: csv }).set('b', { file: empty })
    return (await builder.build('u/p', { message: '2', now })).topHash
  })
  add('local: versions', () => versions(local, 'u/p'))
  add(
    'local: rollback',
    nothing(() => local.rollback('u/p', 'ba147789'))
  )
  add(
    'local: delete the version that latest and the first pointer name',
    nothing(() => local.deleteRevision('u/p', 'ba147789'))
  )
  add(
    'local: delete last version',
    nothing(() => local.deleteRevision('u/p', 'a0fdf2b7'))
  )
  add('local: browse deleted', () => local.resolve('u/p'))
  add(
    'local: delete missing',
    nothing(() => local.deletePackage('u/p'))
  )
  add('local: list', () => names(local))
  add('local: browse in missing registry', () => none.resolve('u/p'))
  add('local: list in missing registry', () => names(none))
}

async function pushed(
  registry: WritableRegistry,
  builder: PackageBuilder,
  name: string,
  options: PushOptions
): Promise<JsonValue> {
  const { topHash } = await builder.push(name, options)
  return await described(await registry.open(topHash))
}

/** A push as from a program that no compiler has looked at. */
async function pushedUnchecked(
  registry: WritableRegistry,
  name: string,
  options: Readonly<Record<string, unknown>>
): Promise<JsonValue> {
  const builder = registry.newPackage()
  const push: unknown = Reflect.get(builder, 'push')
  if (typeof push === 'function') await Reflect.apply(push, builder, [name, options])
  return null
}

async function latest(registry: WritableRegistry, name: string): Promise<Manifest> {
  return await registry.open(await registry.resolve(name))
}

async function described(manifest: Manifest): Promise<JsonValue> {
  const entries = await Array.fromAsync(manifest.entries(), ({ logicalKey, physicalKey, record }) => [
    logicalKey,
    formatPhysicalKey(physicalKey),
    record.size,
    record.hash
  ])
  return new Map<string, JsonValue>([
    ['top_hash', manifest.topHash],
    ['entries', entries],
    ['header', manifest.header.raw],
    ['dir_meta', new Map(await manifest.folderMetadata())]
  ])
}

async function names(registry: WritableRegistry): Promise<JsonValue> {
  return (await registry.packages({ limit: 1000 })).items.map(({ name }) => name)
}

/** Pointers and hashes in the order of quilt3: by name. */
async function versions(registry: WritableRegistry, name: string): Promise<JsonValue> {
  const { items } = await registry.revisions(name, { limit: 1000 })
  return items.map(({ pointer, topHash }) => [pointer, topHash]).sort()
}

function nothing(work: () => Promise<unknown>): Step {
  return async () => {
    await work()
    return null
  }
}

const schemas = {
  'schemas/sup.json':
    '{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"superhero": {"enum": ["Spider-Man", "Batman"]}, "d": {"type": "string", "format": "date"}}, "required": ["superhero"]}',
  'schemas/ent.json':
    '{"type": "array", "minItems": 1, "contains": {"type": "object", "properties": {"logical_key": {"const": "README.md"}, "size": {"minimum": 1}}}}',
  'schemas/bad.json': '{',
  'schemas/ref.json': '{"$ref": "#/x"}',
  'schemas/d4.json': '{"$schema": "http://json-schema.org/draft-04/schema#"}',
  'schemas/inv.json': '{"type": "foo"}'
}

const largeConfig = `version: "1"
workflows:
  alpha:
    name: A
    is_message_required: true
  beta:
    name: B
    metadata_schema: sup
  gamma:
    name: G
    handle_pattern: ^w/(x|y)
    entries_schema: ent
  delta:
    name: D
    metadata_schema: missing
  eps:
    name: E
    metadata_schema: badjson
  zeta:
    name: Z
    metadata_schema: ref
  eta:
    name: H
    metadata_schema: draft4
  theta:
    name: T
    metadata_schema: undefd
  iota:
    name: I
    metadata_schema: invalid
  kappa:
    name: K
    metadata_schema: fileurl
schemas:
  sup:
    url: s3://lab-b/schemas/sup.json
  ent:
    url: s3://lab-b/schemas/ent.json
  missing:
    url: s3://lab-b/schemas/none.json
  badjson:
    url: s3://lab-b/schemas/bad.json
  ref:
    url: s3://lab-b/schemas/ref.json
  draft4:
    url: s3://lab-b/schemas/d4.json
  invalid:
    url: s3://lab-b/schemas/inv.json
  fileurl:
    url: file:///data/tmp
`

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { S3Server } from '@fast-mcp/quilt/test/s3/server.ts'
import { cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDoor, type Door, type ScenarioClient } from './scenario-client.ts'

let folder: string
let s3: S3Server

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bad-input-')))
  s3 = await S3Server.start()
})
afterAll(async () => {
  await s3.stop()
  await rm(folder, { recursive: true })
})

describe.each<Door>(['http', 'stdio'])('through a real client over %s', (door) => {
  let assistant: ScenarioClient
  let root: string
  let topHash: string

  beforeAll(async () => {
    root = join(folder, door, 'registry')
    await mkdir(root, { recursive: true })
    s3.buckets.create('lab')
    assistant = await openDoor(door, {
      QUILT_REGISTRIES: `file://${root} s3://lab?endpoint=${s3.endpoint} s3://gone?endpoint=${s3.endpoint}`,
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      // so that what is large reaches the tools
      MAX_BODY_BYTES: String(64 * 1024 ** 2),
      TMPDIR: join(folder, door)
    })
    const entries = [{ path: 'a.txt', text: 'one' }]
    const made = await assistant.call('package_create', { package: 'u/p', entries })
    topHash = String(made['top_hash'])
    await assistant.call('package_create', { package: 'u/p', entries, registry: 's3://lab' })
    const manifests = join(root, '.quilt/packages')
    for (const end of ['0', '1'])
      await cp(join(manifests, topHash), join(manifests, `${'ab'.repeat(31)}c${end}`))
  })
  afterAll(async () => {
    await assistant[Symbol.asyncDispose]()
  })

  /** Everything that the registries hold. */
  async function held(): Promise<unknown> {
    return [await readdir(root, { recursive: true }), s3.buckets.contents('lab')]
  }

  const package_ = { package: 'u/p' }
  const set = [{ path: 'b.txt', text: 'two' }]

  test.each<[string, string, Record<string, unknown>, string]>([
    ['an unknown registry', 'packages_list', { registry: 's3://elsewhere' }, 'registry-unknown'],
    ['an unknown name', 'package_patch', { package: 'u/q', set }, 'package-not-found'],
    ['a name that is none', 'package_create', { package: 'plain', entries: set }, 'invalid-package-name'],
    ['an unknown tag', 'package_patch', { ...package_, parent: 'stable', set }, 'revision-not-found'],
    ['a hash prefix of none', 'package_rollback', { ...package_, revision: '0123456' }, 'revision-not-found'],
    ['a hash prefix of several', 'package_rollback', { ...package_, revision: 'abababab' }, 'ambiguous-hash'],
    ['an unknown key', 'package_patch', { ...package_, remove: ['no.txt'] }, 'entry-not-found'],
    ['an unknown folder', 'package_browse', { ...package_, path: 'no/' }, 'folder-not-found'],
    ['an unknown bucket', 'packages_list', { registry: 's3://gone' }, 'bucket-not-found'],
    ['an unknown object', 'object_read', { uri: 's3://lab/no.txt' }, 'object-not-found'],
    ['an unknown version', 'object_read', { uri: 's3://lab/u/p/a.txt?versionId=none' }, 'object-not-found'],
    ['a cursor of another list', 'packages_list', { cursor: 'bogus' }, 'invalid-cursor'],
    ['a number for a text', 'package_create', { package: 7, entries: set }, 'invalid-arguments'],
    ['a text for a list', 'package_create', { ...package_, entries: 'a.txt' }, 'invalid-arguments'],
    ['nothing where something is due', 'package_delete', {}, 'invalid-arguments'],
    ['an argument that nobody knows', 'package_delete', { ...package_, force: true }, 'invalid-arguments'],
    ['a name of 10 MB', 'package_create', { package: 'x'.repeat(1e7), entries: set }, 'invalid-arguments'],
    ['a key of 10 MB', 'object_read', { ...package_, path: 'x'.repeat(1e7) }, 'invalid-arguments'],
    [
      'control characters in a name',
      'package_create',
      { package: 'u/\u0007', entries: set },
      'invalid-package-name'
    ],
    ['invisible characters in a name', 'package_inspect', { package: 'u/p\u200b' }, 'invalid-package-name'],
    ['a link for no time', 'object_link', { uri: 's3://lab/u/p/a.txt', expires: 0 }, 'invalid-arguments'],
    [
      'a link for too long',
      'object_link',
      { uri: 's3://lab/u/p/a.txt', expires: 604_801 },
      'invalid-arguments'
    ],
    [
      'a link for half a second',
      'object_link',
      { uri: 's3://lab/u/p/a.txt', expires: 0.5 },
      'invalid-arguments'
    ],
    ['a file of the machine', 'object_read', { uri: 'file:///etc/passwd' }, 'outside-root'],
    ['a name that is not confirmed', 'package_delete', { ...package_, confirm: 'u/P' }, 'not-confirmed'],
    ['a name that is taken', 'package_create', { ...package_, entries: set }, 'package-exists']
  ])(
    '%s is refused by %s, with what was wrong and what to do, and nothing changes',
    async (_, tool, args, code) => {
      const before = await held()
      const refusal = await assistant.refusal(tool, args)
      expect(refusal.code).toBe(code)
      expect(refusal.reason).toMatch(/^[^\p{Cc}\p{Cf}]{10,1001}$/u)
      expect(refusal.next).toMatch(/^[A-Z].{10,}\.$/)
      expect(await held()).toEqual(before)
    }
  )

  test('credentials that end in the middle of a call, and access that is denied, leave everything as it was', async () => {
    const args = { package: 'u/new', entries: set, registry: 's3://lab' }
    for (const [failure, code] of [
      [{ status: 400, code: 'ExpiredToken' }, 'credentials-expired'],
      [{ status: 403, code: 'AccessDenied' }, 'access-denied']
    ] as const) {
      let puts = 0
      s3.onRequest = (method) => {
        // the manifest, after the data
        if (method === 'PUT' && ++puts === 2) s3.failures.push(failure)
      }
      const refusal = await assistant.refusal('package_create', args)
      s3.onRequest = undefined
      expect(refusal.code).toBe(code)
      expect(refusal.next).toMatch(/^[A-Z].{10,}\.$/)
      expect(await assistant.call('packages_list', { registry: 's3://lab' })).toMatchObject({
        packages: [{ name: 'u/p' }]
      })
    }
  })

  test('a revision that changed under a patch stays', async () => {
    await assistant.call('package_patch', { ...package_, set })
    const before = await held()
    const refusal = await assistant.refusal('package_patch', { ...package_, parent: topHash, set })
    expect(refusal).toMatchObject({ code: 'conflict', next: expect.stringContaining('latest') })
    expect(await held()).toEqual(before)
  })

  test('text from data is shown escaped, names too', async () => {
    const hidden = 'a\u202eb\u0007.txt'
    await writeFile(join(root, hidden), 'x')
    const made = await assistant.call('package_create', {
      package: 'u/hidden',
      entries: [{ path: hidden, text: 'zero\u200bwidth' }],
      message: 'bell\u0007'
    })
    expect(made['added']).toEqual(['a\\u{202e}b\\u{7}.txt'])
    expect(await assistant.call('package_browse', { package: 'u/hidden' })).toMatchObject({
      message: 'bell\\u{7}',
      children: [{ path: hidden, shown: 'a\\u{202e}b\\u{7}.txt' }]
    })
    expect(await assistant.call('object_read', { package: 'u/hidden', path: hidden })).toMatchObject({
      content: 'zero\\u{200b}width',
      escaped: 1
    })
  })
})

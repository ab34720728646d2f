import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { caller, type CallMethod } from '../../test/call-method.ts'
import { memoryLog, testServices } from '../../test/server.ts'
import { openRegistries, type Opened } from '../open-registries.ts'
import { registrySetting } from '../registry-setting.ts'
import type { Services } from '../services.ts'
import { RecentAnswers } from './recent-answers.ts'
import { resourceMethods } from './resource-methods.ts'

const png = Buffer.from('89504e470d0a1a0a', 'hex')
const sample = 'quilt+file:///app/sample#package='

let folder: string
let opened: Opened
let own: string
let call: CallMethod
let ofSample: CallMethod
let topHash: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resources-'))
  const setting = registrySetting(pathToFileURL(folder).href)
  if (setting === undefined) throw new Error('no registry')
  opened = await openRegistries({ registries: [setting], stack: undefined, sample: undefined })
  const services = await testServices()
  const here: Services = { ...services, registries: opened.registries, maxReadBytes: 1024 }
  call = caller(resourceMethods(here, new RecentAnswers()))
  ofSample = caller(resourceMethods(services, new RecentAnswers()))
  own = `quilt+${setting.uri}#package=`
  const context = { principal: { id: 'x', scopes: new Set<'read'>(), token: undefined } }
  const registry = await opened.registries.get(undefined, {
    ...context,
    signal: new AbortController().signal
  })
  const builder = registry
    .newPackage()
    .set('README.md', Buffer.from('# Data\u202e\n'))
    .set('images/a.png', png)
    .set('images/drawing.svg', Buffer.from('<svg/>'))
    .set('blob.bin', Buffer.from([0, 255, 0]))
    .set('large.txt', Buffer.from('é'.repeat(1500)))
    .set('odd & name #1.txt', Buffer.from('odd'))
  for (let index = 0; index < 150; index++) builder.set(`many/${String(index)}.txt`, Buffer.from('x'))
  topHash = (await builder.push('team/data', { message: 'All\u200b kinds' })).topHash
  for (let index = 0; index < 120; index++) {
    const pointers = join(folder, `.quilt/named_packages/team/p${String(index)}`)
    await mkdir(pointers)
    await writeFile(join(pointers, 'latest'), topHash)
  }
})
afterAll(async () => {
  await opened.close()
  await rm(folder, { recursive: true })
})

const read = z.object({
  contents: z.array(
    z.object({
      uri: z.string(),
      mimeType: z.string(),
      text: z.string().optional(),
      blob: z.string().optional(),
      _meta: z.record(z.string(), z.record(z.string(), z.unknown())).optional()
    })
  )
})

async function contents(uri: string, from = call) {
  const { result, error } = await from('resources/read', { uri })
  expect(error).toBeUndefined()
  return read.parse(result).contents
}

const listed = z.object({
  resources: z.array(z.object({ uri: z.string(), name: z.string() })),
  nextCursor: z.string().optional()
})

describe('resources/list', () => {
  test('gives the resources of the server, then all packages, page by page', async () => {
    const uris: string[] = []
    const sizes: number[] = []
    let cursor: string | undefined
    do {
      const { result } = await call('resources/list', cursor === undefined ? {} : { cursor })
      const page = listed.parse(result)
      sizes.push(page.resources.length)
      uris.push(...page.resources.map(({ uri }) => uri))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(sizes).toEqual([100, 25])
    expect(new Set(uris).size).toBe(125)
    expect(uris.slice(0, 4)).toEqual([
      'quilt://search-syntax',
      'quilt://registries',
      'quilt://principal',
      'quilt://server'
    ])
    expect(uris).toContain(`${own}team/data`)
  })

  test.each([
    'abc',
    Buffer.from('["file:///other"]').toString('base64url'),
    Buffer.from('7').toString('base64url')
  ])('refuses the cursor %s, which it never gave', async (cursor) => {
    expect(await call('resources/list', { cursor })).toMatchObject({
      error: { code: -32602, data: { code: 'invalid-cursor' } }
    })
  })

  test('asks ten registries at most for one page', async () => {
    const many = Array.from({ length: 12 }, (_, index) => index)
    for (const index of many) await mkdir(join(folder, `empty${String(index)}`))
    const empty = await openRegistries({
      registries: many.flatMap(
        (index) => registrySetting(pathToFileURL(join(folder, `empty${String(index)}`)).href) ?? []
      ),
      stack: undefined,
      sample: undefined
    })
    const from = caller(
      resourceMethods({ ...(await testServices()), registries: empty.registries }, new RecentAnswers())
    )
    const first = listed.parse((await from('resources/list')).result)
    expect(first.resources).toHaveLength(4)
    const next = await from('resources/list', { cursor: first.nextCursor })
    expect(next.result).toEqual({ resources: [] })
    await empty.close()
  })

  test('goes on without a registry that cannot be read, and says so', async () => {
    const { log, lines } = memoryLog()
    const broken = registrySetting('s3://none?endpoint=http://127.0.0.1:1&anonymous')
    const two = await openRegistries({
      registries: broken === undefined ? [] : [broken],
      stack: undefined,
      sample: undefined
    })
    const told: string[] = []
    const services = { ...(await testServices()), registries: two.registries }
    const from = caller(resourceMethods(services, new RecentAnswers()), {
      log,
      notify: (_, text) => told.push(text)
    })
    expect(listed.parse((await from('resources/list')).result).resources).toHaveLength(4)
    expect(told).toEqual([expect.stringContaining('s3://none')])
    expect(lines).toEqual([expect.objectContaining({ registry: 's3://none' })])
    await two.close()
  })
})

test('resources/templates/list gives the addresses of packages and files in buckets and folders', async () => {
  const { result } = await call('resources/templates/list')
  const uris = z
    .object({ resourceTemplates: z.array(z.object({ uriTemplate: z.string() })) })
    .parse(result)
    .resourceTemplates.map(({ uriTemplate }) => uriTemplate)
  expect(uris).toHaveLength(8)
  expect(uris).toContain('quilt+s3://{bucket}#package={+package}@{revision}&path={+path}')
  expect(uris).toContain('quilt+file://{+folder}#package={+package}')
  expect(await call('resources/templates/list', { cursor: 'x' })).toMatchObject({ error: { code: -32602 } })
})

describe('resources/read', () => {
  test('of a package gives its summary, README and quilt_summarize.json', async () => {
    const [summary, readme, ...more] = await contents(`${own}team/data`)
    expect(JSON.parse(summary?.text ?? '')).toMatchObject({
      backend: 'local',
      package: 'team/data',
      top_hash: topHash,
      message: 'All\\u{200b} kinds',
      files: 156,
      folder: { path: '', files: 156 },
      children: expect.arrayContaining([
        { path: 'images/', files: 2, bytes: 14, uri: `${own}team/data@${topHash}&path=images/` }
      ])
    })
    expect(readme).toMatchObject({
      uri: `${own}team/data@${topHash}&path=README.md`,
      mimeType: 'text/markdown',
      text: '# Data\\u{202e}\n'
    })
    expect(more).toEqual([])
    const parts = await contents(`${sample}climate/seattle-weather`, ofSample)
    expect(parts.map(({ mimeType }) => mimeType)).toContain('text/markdown')
  })

  test('of a revision is by top hash, or the first digits of one', async () => {
    const [summary] = await contents(`${own}team/data@${topHash.slice(0, 8)}`)
    expect(JSON.parse(summary?.text ?? '')).toMatchObject({ top_hash: topHash })
  })

  test('of a folder gives what is in it, a hundred at most', async () => {
    const [many] = await contents(`${own}team/data&path=many/`)
    const { children, more } = z
      .object({ children: z.array(z.object({ path: z.string(), uri: z.string() })), more: z.string() })
      .parse(JSON.parse(many?.text ?? ''))
    expect(children).toHaveLength(100)
    expect(more).toContain('package_browse')
    expect(await contents(children[0]?.uri ?? '')).toEqual([expect.objectContaining({ text: 'x' })])
  })

  test.each([
    ['images/a.png', 'image/png', { blob: png.toString('base64') }],
    ['images/drawing.svg', 'image/svg+xml', { text: '<svg/>' }],
    ['blob.bin', 'application/octet-stream', { blob: 'AP8A' }],
    ['odd%20%26%20name%20%231.txt', 'text/plain', { text: 'odd' }]
  ])('of %s gives it as %s', async (path, mimeType, content) => {
    const uri = `${own}team/data&path=${path}`
    expect(await contents(uri)).toEqual([{ uri, mimeType, ...content }])
  })

  test('of a large file gives as much as the server reads at once, and the address of the rest', async () => {
    let uri: string | undefined = `${own}team/data&path=large.txt`
    let text = ''
    const range = z.object({ size: z.literal(3000), length: z.number(), next: z.string().optional() })
    while (uri !== undefined) {
      const [part] = await contents(uri)
      text += part?.text ?? ''
      const { next, length } = range.parse(part?._meta?.['quilt-mcp/range'])
      expect(length).toBeLessThanOrEqual(1024)
      uri = next
    }
    expect(text).toBe('é'.repeat(1500))
  })

  test('of a range gives that range, whole characters only', async () => {
    const [part] = await contents(`${own}team/data&path=large.txt&offset=1&length=4`)
    expect(part).toMatchObject({
      text: 'é',
      _meta: { 'quilt-mcp/range': { offset: 2, length: 2, size: 3000 } }
    })
    expect(await call('resources/read', { uri: `${own}team/data&path=large.txt&offset=3001` })).toMatchObject(
      {
        error: { code: -32602, data: { code: 'invalid-range' } }
      }
    )
  })

  test.each([
    ['quilt://search-syntax', 'text/markdown', 'Elasticsearch'],
    ['quilt://registries', 'application/json', '"backend":"local"'],
    ['quilt://principal', 'application/json', '"scopes":["read","write"]'],
    ['quilt://server', 'application/json', '"max_read_bytes":1024']
  ])('of %s says what there is', async (uri, mimeType, text) => {
    expect(await contents(uri)).toEqual([{ uri, mimeType, text: expect.stringContaining(text) }])
  })

  test.each([
    ['quilt://nothing', 'invalid-uri'],
    ['file:///etc/passwd', 'invalid-uri'],
    ['quilt+file:///app/sample#package=team/data', 'registry-unknown'],
    ['quilt+s3://elsewhere#package=team/data', 'registry-unknown'],
    ['OWNno/such', 'package-not-found'],
    ['OWNteam/data@000000', 'revision-not-found'],
    ['OWNteam/data&path=none.txt', 'entry-not-found'],
    ['OWNteam/data&path=none/', 'folder-not-found'],
    ['OWNteam', 'invalid-package-name'],
    ['OWNteam/data&path=../x', 'invalid-uri'],
    ['OWNteam/data&path=a&offset=x', 'invalid-uri']
  ])('of %s is refused with %s and says what to do', async (uri, code) => {
    const { error } = await call('resources/read', { uri: uri.replace('OWN', own) })
    expect(error).toMatchObject({
      code: -32002,
      message: expect.stringContaining(`[${code}]`),
      data: { code, next: expect.stringMatching(/\w/) }
    })
  })
})

test.each([
  ['of a megabyte', 'x'.repeat(1024 ** 2)],
  ['with characters that nobody sees', '%1B[31m%E2%80%AE%F3%A0%81%81'.repeat(40)]
])('a name %s does not come back as it was sent', async (_, name) => {
  const { error } = await call('resources/read', { uri: `${own}${name}` })
  expect(error).toMatchObject({ code: -32002, data: { code: 'invalid-package-name' } })
  const text = JSON.stringify(error)
  expect(text.length).toBeLessThan(4000)
  expect(text).not.toMatch(/[\u001b\u202e]|\u{e0041}/u)
})

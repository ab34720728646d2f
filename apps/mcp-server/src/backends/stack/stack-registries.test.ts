import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { S3Server } from '@fast-mcp/quilt/test/s3/server.ts'
import { testContext } from '../../../test/context.ts'
import { StandInStack } from '../../../test/stand-in-stack.ts'
import { openRegistries, type Opened } from '../../open-registries.ts'
import { localPrincipal, type Principal } from '../../principal.ts'
import { registrySetting, type RegistrySetting } from '../../registry-setting.ts'

let standIn: StandInStack
let s3: S3Server
let opened: Opened

beforeEach(async () => {
  standIn = await StandInStack.start()
  standIn.users.set('anna', { name: 'anna', email: 'anna@example.org', buckets: ['lab', 'archive'] })
  standIn.users.set('bert', { name: 'bert', email: 'bert@example.org', buckets: ['archive'] })
  s3 = await S3Server.start()
  for (const bucket of ['lab', 'archive', 'own']) s3.buckets.create(bucket)
  // the SDK's own variable: a stack's buckets are in AWS, and have no other address
  process.env['AWS_ENDPOINT_URL_S3'] = s3.endpoint
  opened = await open('s3://lab?readonly', `s3://own?anonymous&endpoint=${s3.endpoint}`)
})
afterEach(async () => {
  delete process.env['AWS_ENDPOINT_URL_S3']
  await opened.close()
  await s3.stop()
  await standIn[Symbol.asyncDispose]()
})

function open(...texts: readonly string[]): Promise<Opened> {
  const registries: readonly RegistrySetting[] = texts.flatMap((text) => registrySetting(text) ?? [])
  const stack = { catalogUrl: standIn.url, apiKey: undefined, timeoutSeconds: 5 }
  return openRegistries({ registries, stack, sample: undefined })
}

function caller(token: string | undefined) {
  const principal: Principal =
    token === undefined ? localPrincipal : { id: token, scopes: new Set(['read', 'write']), token }
  return testContext({ principal })
}

const [anna, bert] = [caller('anna'), caller('bert')]

async function push(context: ReturnType<typeof caller>): Promise<string> {
  const registry = await opened.registries.get('s3://archive', context)
  const builder = registry.newPackage().set('a.txt', Buffer.from('hello'))
  return (await builder.push('team/data', { message: 'First' })).topHash
}

describe('registries of a stack', () => {
  test('are those of the configuration, then the buckets of the caller', async () => {
    const all = await opened.registries.all(anna)
    expect(all.map(({ uri, readOnly, backend }) => [uri, readOnly, backend.name])).toEqual([
      ['s3://lab', true, 'stack'],
      ['s3://own', false, 's3'],
      ['s3://archive', false, 'stack']
    ])
    expect(opened.backends.map(({ name }) => name)).toEqual(['s3', 'stack'])
  })

  test('are reached with the credentials of each caller, which are never shared', async () => {
    const registry = await opened.registries.get('s3://archive', anna)
    expect(await opened.registries.get('s3://archive', anna)).toBe(registry)
    const other = await opened.registries.get('s3://archive', bert)
    expect(other).not.toBe(registry)
    await registry.packages({ limit: 1 })
    await other.packages({ limit: 1 })
    const keys = s3.authorizations.map((text) => /Credential=(\w+)/.exec(text ?? '')?.[1])
    expect(keys).toEqual(standIn.issued.map(({ accessKeyId }) => accessKeyId))
    expect(new Set(keys).size).toBe(2)
  })

  test('are pushed to and read with them', async () => {
    const topHash = await push(anna)
    const registry = await opened.registries.get('s3://archive', bert)
    expect(await registry.resolve('team/data')).toBe(topHash)
    const store = await registry.store()
    expect(String(Buffer.from(await store.get('team/data/a.txt')))).toBe('hello')
    await using patch = await registry.patch('team/data')
    await patch.set('b.txt', Buffer.from('more')).push('team/data')
    expect((await registry.revisions('team/data', { limit: 10 })).items.length).toBeGreaterThan(1)
    const manifest = await registry.open(await registry.resolve('team/data'))
    expect(manifest.files).toBe(2)
    await manifest.close()
  })

  test('marked read-only are not written to, whoever asks', async () => {
    const registry = await opened.registries.get('s3://lab', anna)
    expect(() => registry.newPackage()).toThrow(expect.objectContaining({ code: 'read-only' }))
    const store = await registry.store()
    const refused = { code: 'read-only', next: expect.stringContaining('readonly') }
    for (const write of [
      () => registry.patch('a/b'),
      () => registry.rollback('a/b', 'latest'),
      () => registry.setTag('a/b', 'x', 'latest'),
      () => registry.deleteTag('a/b', 'x'),
      () => registry.deletePackage('a/b'),
      () => registry.deleteRevision('a/b', 'latest'),
      () => store.put('x', Buffer.from('x')),
      () => store.copy({ store: 's3://lab', key: 'x' }, 'y'),
      () => store.delete('x')
    ])
      await expect(write()).rejects.toMatchObject(refused)
    expect((await store.list()).items).toEqual([])
    expect(s3.log.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([])
  })

  test('have their revisions removed by the stack', async () => {
    const topHash = await push(anna)
    const registry = await opened.registries.get('s3://archive', anna)
    await registry.deleteRevision('team/data', topHash.slice(0, 8))
    await registry.deletePackage('team/data')
    expect(standIn.removed).toEqual(Array.from({ length: 2 }, () => `archive/team/data@${topHash}`))
    await expect(registry.deletePackage('team/none')).rejects.toMatchObject({ code: 'package-not-found' })
    standIn.faults.push({
      path: '/graphql',
      body: '{"data":{"packageRevisionDelete":{"__typename":"OperationError","message":"locked"}}}'
    })
    await expect(registry.deletePackage('team/data')).rejects.toMatchObject({
      code: 'stack-refused',
      message: expect.stringContaining('locked')
    })
  })

  test("that have nobody behind them, or are nobody's, say what to do", async () => {
    await expect(opened.registries.get('s3://lab', caller(undefined))).rejects.toMatchObject({
      code: 'stack-token-missing'
    })
    // those that are not the stack's are there all the same
    const open = await opened.registries.all(caller(undefined))
    expect(open.map(({ uri }) => uri)).toEqual(['s3://own'])
    expect((await opened.registries.get('s3://own', caller(undefined))).backend.name).toBe('s3')
    await expect(opened.registries.get('s3://elsewhere', anna)).rejects.toMatchObject({
      code: 'registry-unknown',
      next: expect.stringContaining('s3://archive')
    })
    await expect(opened.registries.get('no uri', bert)).rejects.toMatchObject({ code: 'registry-unknown' })
    standIn.faults.push({ path: '/api/auth/get_credentials', status: 403 })
    await expect(opened.registries.get('s3://lab', anna)).rejects.toMatchObject({ code: 'access-denied' })
  })

  test('have no default one where only the stack is configured', async () => {
    await using only = { ...(await open()), [Symbol.asyncDispose]: () => Promise.resolve() }
    expect(only.sample).toBe(false)
    expect(only.registries.default).toBeUndefined()
    await expect(only.registries.get(undefined, anna)).rejects.toMatchObject({
      code: 'registry-needed',
      next: expect.stringContaining('buckets_list')
    })
    standIn.users.set('carl', { name: 'carl', email: 'carl@example.org', buckets: [] })
    await expect(only.registries.get('s3://lab', caller('carl'))).rejects.toMatchObject({
      next: expect.stringContaining('ask an administrator')
    })
    await only.close()
  })
})

describe('credentials that end in the middle', () => {
  const gone = { status: 400, code: 'ExpiredToken' }

  test('of reading are renewed, once, and the call succeeds', async () => {
    const topHash = await push(anna)
    const registry = await opened.registries.get('s3://archive', anna)
    const before = standIn.issued.length
    s3.failures.push(gone)
    expect(await registry.resolve('team/data')).toBe(topHash)
    expect(standIn.issued).toHaveLength(before + 1)
    const store = await registry.store()
    s3.failures.push(gone)
    expect(await store.head('team/data/a.txt')).toMatchObject({ size: 5 })
    expect(standIn.issued).toHaveLength(before + 2)
    s3.failures.push(gone, gone)
    await expect(registry.packages({ limit: 1 })).rejects.toMatchObject({ code: 'credentials-expired' })
  })

  test('of a push fail it, and nothing is published', async () => {
    const registry = await opened.registries.get('s3://archive', anna)
    await registry.packages({ limit: 1 })
    const builder = registry.newPackage().set('a.txt', Buffer.from('hello'))
    let puts = 0
    s3.onRequest = (method) => {
      if (method === 'PUT' && ++puts === 2) s3.failures.push(gone)
    }
    await expect(builder.push('team/data')).rejects.toMatchObject({
      code: 'credentials-expired',
      remedy: expect.stringContaining('Call again')
    })
    s3.onRequest = undefined
    expect((await registry.packages({ limit: 10 })).items).toEqual([])
  })
})

test('a caller who comes with a newer token is searched for with that one', async () => {
  await push(anna)
  standIn.users.set('anna renewed', { name: 'anna', email: 'anna@example.org', buckets: ['lab', 'archive'] })
  const renewed = { ...anna.principal, token: 'anna renewed' }
  const older = await opened.registries.get('s3://archive', anna)
  const newer = await opened.registries.get('s3://archive', testContext({ principal: renewed }))
  const { searchIndexes: indexes } = opened
  expect(indexes.of(older, anna.principal)).toBe(indexes.of(older, anna.principal))
  expect(indexes.of(newer, renewed)).not.toBe(indexes.of(older, anna.principal))
  expect(await indexes.of(newer, renewed).packages({ text: 'data', limit: 10 })).toMatchObject({ total: 1 })
})

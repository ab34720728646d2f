import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openRegistry, openStore, type S3Options } from '@fast-mcp/quilt'
import { S3Server } from '@fast-mcp/quilt/test/s3/server.ts'
import { ensurePython, reportMissing } from '@fast-mcp/quilt/test/python/environment.ts'
import { MotoServer } from '@fast-mcp/quilt/test/python/processes.ts'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { startBuiltServer, type BuiltServer } from './built-server.ts'
import { connectClient, type McpClient } from './mcp-client.ts'

const python = await ensurePython()
reportMissing('buckets of moto through MCP', python)
const suite = 'missing' in python ? describe.skip : describe
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const inEnvironment = { AWS_ACCESS_KEY_ID: 'ENVKEY', AWS_SECRET_ACCESS_KEY: 'secret' }

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 's3-'))
  await mkdir(join(home, '.aws'))
  await writeFile(
    join(home, '.aws/credentials'),
    '[lab]\naws_access_key_id = LABKEY\naws_secret_access_key = secret\n'
  )
  await mkdir(join(home, 'registry'))
})
afterAll(() => rm(home, { recursive: true }))

async function makeBucket(endpoint: string, name: string): Promise<void> {
  const response = await fetch(`${endpoint}/${name}`, { method: 'PUT' })
  await response.body?.cancel()
  expect(response.status).toBe(200)
}

/** Lets everybody read every object of a bucket. */
async function publish(endpoint: string, bucket: string): Promise<void> {
  const { store, close } = await openStore(`s3://${bucket}`, { endpoint, credentials })
  for (const { key } of (await store.list()).items) {
    const response = await fetch(`${endpoint}/${bucket}/${key}?acl`, {
      method: 'PUT',
      headers: {
        'x-amz-acl': 'public-read',
        Authorization: 'AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/s3/aws4_request'
      }
    })
    await response.body?.cancel()
    expect(response.status).toBe(200)
  }
  close()
}

async function seed(bucket: string, s3: S3Options): Promise<string> {
  const registry = openRegistry(`s3://${bucket}`, { s3 })
  const builder = registry
    .newPackage()
    .set('README.md', Buffer.from(`# Data of ${bucket}\n`))
    .set('data/a.csv', Buffer.from('x,y\n1,2\n'))
  const { topHash } = await builder.push('team/data', { message: 'First' })
  await registry.close()
  return topHash
}

suite('buckets of a real S3 server, through a real client', () => {
  let moto: MotoServer
  let client: McpClient
  let server: BuiltServer
  const hashes = new Map<string, string>()

  beforeAll(async () => {
    moto = await MotoServer.start('missing' in python ? '' : python.interpreter)
    const { endpoint } = moto
    for (const bucket of ['bucket-one', 'bucket-two', 'bucket-open', 'bucket-closed']) {
      await makeBucket(endpoint, bucket)
      hashes.set(bucket, await seed(bucket, { endpoint, credentials }))
    }
    await publish(endpoint, 'bucket-open')
    server = await startBuiltServer({
      ...inEnvironment,
      HOME: home,
      TMPDIR: home,
      QUILT_REGISTRIES: [
        `s3://bucket-one?endpoint=${endpoint}`,
        `s3://bucket-two?readonly&endpoint=${endpoint}&region=eu-west-1&profile=lab`,
        `s3://bucket-open?anonymous&endpoint=${endpoint}`,
        `s3://bucket-closed?anonymous&endpoint=${endpoint}`,
        `${pathToFileURL(join(home, 'registry')).href}`
      ].join(', ')
    })
    client = await connectClient(server.url)
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await moto[Symbol.asyncDispose]()
  })

  test('are served beside folders, each as it is marked', async () => {
    const { registries } = await client.call('server_status')
    expect(registries).toEqual([
      { uri: 's3://bucket-one', default: true, read_only: false, readable: true },
      { uri: 's3://bucket-two', default: false, read_only: true, readable: true },
      { uri: 's3://bucket-open', default: false, read_only: false, readable: true },
      expect.objectContaining({ uri: 's3://bucket-closed' }),
      expect.objectContaining({ default: false, readable: true })
    ])
    const { buckets } = await client.call('buckets_list')
    expect(buckets).toHaveLength(5)
  })

  test.each(['bucket-one', 'bucket-two', 'bucket-open'])('are read: %s', async (bucket) => {
    const registry = `s3://${bucket}`
    expect(await client.call('packages_list', { registry })).toMatchObject({
      registry,
      packages: [{ name: 'team/data' }]
    })
    const read = await client.call('object_read', { package: 'team/data', path: 'README.md', registry })
    expect(read).toMatchObject({ content: `# Data of ${bucket}\n` })
    const { contents } = await client.client.readResource({
      uri: `quilt+s3://${bucket}#package=team/data@${hashes.get(bucket) ?? ''}&path=data/a.csv`
    })
    expect(contents).toEqual([expect.objectContaining({ mimeType: 'text/csv', text: 'x,y\n1,2\n' })])
  })

  test('are written to, but not those that are read-only', async () => {
    const args = {
      package: 'team/new',
      entries: [{ path: 'a.txt', text: 'hello' }],
      message: 'Made here'
    }
    await client.call('package_create', args)
    expect(await client.call('object_read', { package: 'team/new', path: 'a.txt' })).toMatchObject({
      content: 'hello'
    })
    expect(await client.fails('package_create', { ...args, registry: 's3://bucket-two' })).toBe('read-only')
    const confirm = { package: 'team/data', confirm: 'team/data', registry: 's3://bucket-two' }
    expect(await client.fails('package_delete', confirm)).toBe('read-only')
    const put = await client.call('objects_put', { objects: [{ uri: 's3://bucket-two/x.txt', text: 'x' }] })
    expect(put).toMatchObject({ written: 0, failed: 1 })
    expect(JSON.stringify(put)).toContain('read-only')
    expect(await client.call('packages_list', { registry: 's3://bucket-two' })).toMatchObject({
      packages: [{ name: 'team/data' }]
    })
  })

  test('keep media type and metadata of objects, and every version of them', async () => {
    const versioning = await fetch(`${moto.endpoint}/bucket-one?versioning`, {
      method: 'PUT',
      body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    })
    await versioning.body?.cancel()
    const uri = 's3://bucket-one/raw/ä b.csv'.replaceAll(' ', '%20').replaceAll('ä', '%C3%A4')
    const put = async (object: object): Promise<string> => {
      const { results } = await client.call('objects_put', { objects: [{ uri, ...object }], overwrite: true })
      return z.array(z.object({ uri: z.string() })).parse(results)[0]?.uri ?? ''
    }
    const first = await put({
      text: 'one',
      meta: { Lab: 'Basel 4' },
      content_type: 'text/csv; header=absent'
    })
    const second = await put({ text: 'two!' })
    expect(await client.call('object_info', { uri: first })).toMatchObject({
      type: 'text/csv',
      content_type: 'text/csv; header=absent',
      meta: { lab: 'Basel 4' },
      size: 3
    })
    const info = await client.call('object_info', { uri, versions: true })
    expect(info).toMatchObject({
      content_type: 'text/csv',
      size: 4,
      versions: [{ uri: second }, { uri: first }]
    })
    expect(info).not.toHaveProperty('meta')
    expect(await client.call('object_read', { uri: first })).toMatchObject({ content: 'one', uri: first })
    expect(await client.call('object_read', { uri })).toMatchObject({ content: 'two!' })
    const { url } = await client.call('object_link', { uri: first, expires: 60 })
    expect(await (await fetch(String(url))).text()).toBe('one')
    // a package of an older version stays what it is
    await client.call('package_create', {
      package: 'team/pinned',
      entries: [{ uri: first, path: 'a.csv' }],
      copy: false
    })
    await put({ text: 'three' })
    expect(await client.call('object_read', { package: 'team/pinned', path: 'a.csv' })).toMatchObject({
      content: 'one'
    })
    const gone = `${uri}?versionId=00000000-0000-0000-0000-000000000000`
    expect(await client.fails('object_read', { uri: gone })).toBe('object-not-found')
    expect(await client.fails('object_info', { uri: gone })).toBe('object-not-found')
    expect(await client.fails('object_link', { uri: gone })).toBe('object-not-found')
  })

  test('that nobody may read without credentials deny access', async () => {
    const closed = { package: 'team/data', registry: 's3://bucket-closed' }
    expect(await client.fails('package_browse', closed)).toBe('access-denied')
  })

  test('complete packages and keys', async () => {
    const ref = { type: 'ref/resource', uri: 'quilt+s3://{bucket}#package={+package}&path={+path}' } as const
    const complete = (name: string, value: string, known: Record<string, string>) =>
      client.client.complete({ ref, argument: { name, value }, context: { arguments: known } })
    expect(await complete('bucket', 'bucket-o', {})).toMatchObject({
      completion: { values: ['bucket-one', 'bucket-open'] }
    })
    expect(await complete('package', 'team/d', { bucket: 'bucket-two' })).toMatchObject({
      completion: { values: ['team/data'] }
    })
    const known = { bucket: 'bucket-two', package: 'team/data' }
    expect(await complete('path', 'data/', known)).toMatchObject({ completion: { values: ['data/a.csv'] } })
  })

  test('are reached as the AWS SDK is told by its own variables, and it says as whom', async () => {
    await using plain = await startBuiltServer({
      ...inEnvironment,
      AWS_ENDPOINT_URL: moto.endpoint,
      TMPDIR: home,
      QUILT_REGISTRIES: 's3://bucket-one'
    })
    await using stranger = await connectClient(plain.url)
    expect(await stranger.call('packages_list')).toMatchObject({ registry: 's3://bucket-one' })
    expect(await stranger.call('auth_status')).toMatchObject({
      backends: [{ name: 's3', authenticated: true, identity: expect.stringMatching(/^arn:aws:/) }]
    })
  })

  test('that are not served, or not there, are told apart', async () => {
    expect(await client.fails('packages_list', { registry: 's3://elsewhere' })).toBe('registry-unknown')
    await using other = await startBuiltServer({
      ...inEnvironment,
      QUILT_REGISTRIES: `s3://not-there?endpoint=${moto.endpoint}`
    })
    await using stranger = await connectClient(other.url)
    expect(await stranger.fails('packages_list')).toBe('bucket-not-found')
  })
})

describe('the credentials of a bucket', () => {
  let s3: S3Server
  beforeAll(async () => {
    s3 = await S3Server.start()
    s3.buckets.create('lab')
  })
  afterAll(() => s3.stop())

  /** The access key that a server signs with in that environment; undefined where it does not sign. */
  async function keyOf(options: string, environment: Record<string, string>): Promise<string | undefined> {
    await using server = await startBuiltServer({
      QUILT_REGISTRIES: `s3://lab?endpoint=${s3.endpoint}${options}`,
      ...environment
    })
    await using client = await connectClient(server.url)
    await client.call('packages_list')
    return /Credential=(\w+)\//.exec(s3.authorizations.at(-1) ?? '')?.[1]
  }

  test('come from the environment, a profile, a container, or there are none', async () => {
    expect(await keyOf('', inEnvironment)).toBe('ENVKEY')
    expect(await keyOf('', { HOME: home, AWS_PROFILE: 'lab' })).toBe('LABKEY')
    expect(await keyOf('&profile=lab', { HOME: home, ...inEnvironment })).toBe('LABKEY')
    expect(await keyOf('&anonymous', inEnvironment)).toBeUndefined()
    const container = createServer((_, response) => {
      response.end(
        JSON.stringify({
          AccessKeyId: 'TASKKEY',
          SecretAccessKey: 'secret',
          Token: 'token',
          Expiration: new Date(Date.now() + 3_600_000).toISOString()
        })
      )
    }).listen(0, '127.0.0.1')
    await once(container, 'listening')
    const address = container.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${String(port)}/role` }
    expect(await keyOf('', environment)).toBe('TASKKEY')
    container.closeAllConnections()
    container.close()
  })

  test('that are missing, refused or expired are told apart, each with what to do', async () => {
    await using server = await startBuiltServer({
      QUILT_REGISTRIES: `s3://lab?endpoint=${s3.endpoint}`,
      HOME: home,
      AWS_EC2_METADATA_DISABLED: 'true'
    })
    await using nobody = await connectClient(server.url)
    expect(await nobody.fails('packages_list')).toBe('access-denied')
    await using signing = await startBuiltServer({
      QUILT_REGISTRIES: `s3://lab?endpoint=${s3.endpoint}`,
      ...inEnvironment
    })
    await using client = await connectClient(signing.url)
    s3.failures.push({ status: 403, code: 'AccessDenied' })
    expect(await client.fails('packages_list')).toBe('access-denied')
    s3.failures.push({ status: 400, code: 'ExpiredToken' })
    expect(await client.fails('packages_list')).toBe('credentials-expired')
    expect(await client.call('packages_list')).toMatchObject({ packages: [] })
  })
})

test('a store can be opened where the environment names no region', async () => {
  const s3 = await S3Server.start()
  s3.buckets.create('lab')
  process.env['AWS_ENDPOINT_URL_S3'] = s3.endpoint
  const { store, close } = await openStore('s3://lab', { credentials })
  expect((await store.list()).items).toEqual([])
  close()
  delete process.env['AWS_ENDPOINT_URL_S3']
  await s3.stop()
})

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { S3Server } from '@fast-mcp/quilt/test/s3/server.ts'
import { startBuiltServer, type BuiltServer } from './built-server.ts'
import { post } from './http-client.ts'
import { connectClient } from './mcp-client.ts'
import { StandInStack } from './stand-in-stack.ts'

describe('a Quilt stack (a stand-in), through real clients', () => {
  let stack: StandInStack
  let s3: S3Server
  let server: BuiltServer | undefined
  const url = (): string => server?.url ?? ''

  beforeAll(async () => {
    stack = await StandInStack.start()
    stack.users.set('anna-token', { name: 'anna', email: 'anna@example.org', buckets: ['lab', 'archive'] })
    stack.users.set('qk_bert_key', { name: 'bert', email: 'bert@example.org', buckets: ['archive'] })
    s3 = await S3Server.start()
    for (const bucket of ['lab', 'archive']) s3.buckets.create(bucket)
    server = await startBuiltServer({
      AUTH: 'stack',
      QUILT_CATALOG_URL: stack.url,
      QUILT_API_KEY: 'qk_bert_key',
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      QUILT_STACK_TIMEOUT_SECONDS: '1'
    })
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    await s3.stop()
    await stack[Symbol.asyncDispose]()
  })

  test('lets in whom it knows, by token or API key, and nobody else', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
    expect((await post(url(), call)).status).toBe(401)
    expect((await post(url(), call, { Authorization: 'Bearer stranger' })).status).toBe(401)
    expect((await post(url(), call, { Authorization: 'Bearer qk_bert_key' })).status).toBe(200)
    stack.faults.push({ path: '/graphql', status: 503 })
    expect((await post(url(), call, { Authorization: 'Bearer nobody-yet' })).status).toBe(503)
  })

  test('gives every caller their own buckets, with their own credentials', async () => {
    await using anna = await connectClient(url(), 'anna-token')
    await using bert = await connectClient(url(), 'qk_bert_key')
    const uris = (result: Readonly<Record<string, unknown>>): string => JSON.stringify(result['buckets'])
    expect(uris(await anna.call('buckets_list'))).toContain('s3://lab')
    expect(uris(await bert.call('buckets_list'))).not.toContain('s3://lab')
    await anna.call('package_create', {
      registry: 's3://archive',
      package: 'team/data',
      entries: [{ path: 'a.txt', text: 'hello' }],
      message: 'First'
    })
    const file = { registry: 's3://archive', package: 'team/data', path: 'a.txt' }
    expect(await bert.call('object_read', file)).toMatchObject({ content: 'hello' })
    expect(await bert.fails('packages_list', { registry: 's3://lab' })).toBe('registry-unknown')
    const keyOf = (token: string): string =>
      stack.issued.find((one) => one.token === token)?.accessKeyId ?? 'none'
    const keys = s3.authorizations.map((text) => /Credential=(\w+)\//.exec(text ?? '')?.[1])
    expect(new Set(keys)).toEqual(new Set([keyOf('anna-token'), keyOf('qk_bert_key')]))
    expect(await bert.call('auth_status')).toMatchObject({
      backends: [{ name: 'stack', authenticated: true, identity: 'bert@example.org' }]
    })
  })

  test('renews credentials that expire in the middle', async () => {
    await using anna = await connectClient(url(), 'anna-token')
    const before = stack.issued.length
    s3.failures.push({ status: 400, code: 'ExpiredToken' })
    await anna.call('packages_list', { registry: 's3://lab' })
    expect(stack.issued).toHaveLength(before + 1)
  })

  test('removes packages itself', async () => {
    await using anna = await connectClient(url(), 'anna-token')
    await anna.call('package_delete', {
      registry: 's3://archive',
      package: 'team/data',
      confirm: 'team/data'
    })
    expect(stack.removed).toEqual([expect.stringMatching(/^archive\/team\/data@[0-9a-f]{64}$/)])
  })

  test('answers searches with its Elasticsearch, and says so', async () => {
    stack.hits = {
      hits: {
        total: { value: 1, relation: 'eq' },
        hits: [{ _index: 'lab', _source: { key: 'rain.csv', size: 3 } }]
      }
    }
    await using anna = await connectClient(url(), 'anna-token')
    const found = await anna.call('search', { query: 'rain', in: 'objects', registry: 's3://lab' })
    expect(JSON.stringify(found)).toMatch(/elasticsearch|stack/i)
    expect(JSON.stringify(found)).toContain('rain.csv')
  })

  test.each([
    [{ status: 403 }, 'access-denied'],
    [{ status: 429, headers: { 'Retry-After': '3' } }, 'stack-busy'],
    [{ body: '{"data": 7}' }, 'stack-malformed'],
    [{ delay: 1500 }, 'stack-timeout']
  ])('that answers with %j fails the call, with what to do', async (fault, code) => {
    stack.users.set(`new-${code}`, { name: code, email: code, buckets: ['lab'] })
    await using caller = await connectClient(url(), `new-${code}`)
    stack.faults.push({ path: '/graphql', ...fault })
    expect(await caller.fails('buckets_list')).toBe(code)
    expect(await caller.call('buckets_list')).toMatchObject({ buckets: [{ uri: 's3://lab' }] })
  })

  test('never has a token in the log', () => {
    for (const secret of ['anna-token', 'qk_bert_key', 'session of'])
      expect(server?.stdout()).not.toContain(secret)
  })
})

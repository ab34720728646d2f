import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { testContext } from '../../../test/context.ts'
import { StandInStack } from '../../../test/stand-in-stack.ts'
import { localPrincipal, type Principal } from '../../principal.ts'
import type { CatalogQuery } from '../backend.ts'
import { createStack, type Stack } from './stack-backend.ts'
import { stackCheck } from './stack-check.ts'

let standIn: StandInStack
let stack: Stack
let now = Date.now()

beforeEach(async () => {
  now = Date.now()
  standIn = await StandInStack.start()
  standIn.users.set('anna', { name: 'anna', email: 'anna@example.org', buckets: ['lab', 'archive'] })
  standIn.users.set('qk_bert', { name: 'bert', email: 'bert@example.org', buckets: ['other'] })
  stack = createStack({ catalogUrl: standIn.url, apiKey: 'qk_bert', timeoutSeconds: 3 }, () => now)
})
afterEach(() => standIn[Symbol.asyncDispose]())

function caller(token: string | undefined, id = token ?? 'nobody') {
  const principal: Principal = { id, scopes: new Set(['read']), token }
  return testContext({ principal })
}

const anna = caller('anna')

describe('tokens', () => {
  test('are the callers own; the configured key is for callers of this machine alone', () => {
    expect(stack.token(anna.principal)).toBe('anna')
    expect(stack.token(localPrincipal)).toBe('qk_bert')
    expect(() => stack.token(caller(undefined, 'anonymous').principal)).toThrow(
      expect.objectContaining({ code: 'stack-token-missing' })
    )
  })

  test('are checked by the stack, and stand for its user', async () => {
    const { principal } = await stackCheck(stack)('anna')
    expect(principal).toMatchObject({ id: `${standIn.url}#anna`, token: 'anna' })
    expect([...principal.scopes]).toEqual(['read', 'write'])
  })

  test('that the stack does not know are refused, and none is where the stack is not well', async () => {
    await expect(stackCheck(stack)('stranger')).rejects.toMatchObject({ name: 'TokenRejected' })
    standIn.faults.push({ path: '/graphql', body: '{"data": {"me": null}}' })
    await expect(stackCheck(stack)('anna')).rejects.toMatchObject({ name: 'TokenRejected' })
    standIn.faults.push({ path: '/graphql', status: 502 })
    await expect(stackCheck(stack)('anna')).rejects.toMatchObject({ name: 'VerifierUnavailable' })
  })
})

describe('AWS credentials', () => {
  test('are exchanged once for calls at the same time, and kept for each caller alone', async () => {
    const [first, second, other] = await Promise.all([
      stack.credentials.get('anna'),
      stack.credentials.get('anna'),
      stack.credentials.get('qk_bert')
    ])
    expect(second).toBe(first)
    expect(other.accessKeyId).not.toBe(first.accessKeyId)
    expect(other.sessionToken).toBe('session of qk_bert')
    expect(standIn.issued.map(({ token }) => token).sort()).toEqual(['anna', 'qk_bert'])
  })

  test('are exchanged again five minutes before they end', async () => {
    const first = await stack.credentials.get('anna')
    now += 54 * 60_000
    expect(await stack.credentials.get('anna')).toBe(first)
    now += 90_000
    expect((await stack.credentials.get('anna')).accessKeyId).not.toBe(first.accessKeyId)
    expect(standIn.issued).toHaveLength(2)
  })

  test('that were refused are forgotten, a failure is not remembered', async () => {
    const first = await stack.credentials.get('anna')
    stack.credentials.forget('anna')
    standIn.faults.push({ path: '/api/auth/get_credentials', status: 503 })
    await expect(stack.credentials.get('anna')).rejects.toMatchObject({ code: 'stack-unavailable' })
    expect((await stack.credentials.get('anna')).accessKeyId).not.toBe(first.accessKeyId)
  })
})

describe('a stack', () => {
  test('lists the buckets of the caller, and remembers them for a minute', async () => {
    expect(await stack.buckets(anna)).toEqual([
      { name: 'archive', uri: 's3://archive', title: 'Title of archive' },
      { name: 'lab', uri: 's3://lab', title: 'Title of lab' }
    ])
    await stack.buckets(anna)
    expect(standIn.asked('/graphql')).toBe(1)
    expect((await stack.buckets(caller('qk_bert'))).map(({ name }) => name)).toEqual(['other'])
    now += 61_000
    await stack.buckets(anna)
    expect(standIn.asked('/graphql')).toBe(3)
  })

  test('says who the caller is and until when', async () => {
    expect(await stack.authStatus(anna)).toEqual({
      authenticated: true,
      identity: 'anna@example.org',
      method: "the caller's token",
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/)
    })
    expect(await stack.authStatus(testContext())).toMatchObject({
      identity: 'bert@example.org',
      method: 'QUILT_API_KEY'
    })
    expect(await stack.authStatus(caller('stranger'))).toMatchObject({
      authenticated: false,
      problem: expect.stringContaining('stack-token-rejected')
    })
    expect(await stack.authStatus(caller(undefined))).toMatchObject({
      authenticated: false,
      problem: expect.stringContaining('stack-token-missing')
    })
  })

  test.each([
    ['401', { status: 401 }, 'stack-token-rejected', 'Sign in'],
    ['403', { status: 403 }, 'access-denied', 'administrator'],
    ['429', { status: 429, headers: { 'Retry-After': '7' } }, 'stack-busy', '7 seconds'],
    ['429 without a time', { status: 429 }, 'stack-busy', '10 seconds'],
    ['500', { status: 500 }, 'stack-unavailable', 'Try again later'],
    [
      'a redirect',
      { status: 302, headers: { Location: 'http://127.0.0.1:1/' } },
      'stack-unavailable',
      'version'
    ],
    ['text', { body: '<html>' }, 'stack-malformed', 'QUILT_CATALOG_URL'],
    ['another object', { body: '{"data": {"buckets": []}}' }, 'stack-malformed', 'QUILT_CATALOG_URL'],
    ['no object', { body: '17' }, 'stack-malformed', 'QUILT_CATALOG_URL'],
    [
      'a bucket that is none',
      { body: '{"data":{"bucketConfigs":[{"name":"../x"}]}}' },
      'stack-malformed',
      ''
    ],
    ['too much', { body: 'x'.repeat(17 * 1024 ** 2) }, 'stack-malformed', ''],
    ['errors', { body: '{"errors":[{"message":"no such\\u202e field"}]}' }, 'stack-refused', 'Correct'],
    ['nothing for long', { delay: 4500 }, 'stack-timeout', 'Ask for less']
  ])('that answers with %s is a failure that says what to do', async (_, fault, code, next) => {
    standIn.faults.push({ path: '/graphql', ...fault })
    await expect(stack.buckets(anna)).rejects.toMatchObject({
      name: 'ToolFailure',
      code,
      next: expect.stringContaining(next)
    })
    // and the next call finds it well again
    expect(await stack.buckets(anna)).toHaveLength(2)
  })

  test('never sends a token where a redirect or its configuration leads away from https', async () => {
    standIn.faults.push({ path: '/config.json', body: '{"registryUrl": "http://example.org"}' })
    await expect(stack.buckets(anna)).rejects.toMatchObject({ code: 'stack-malformed' })
    expect(standIn.log.filter(({ token }) => token !== undefined)).toEqual([])
  })

  test('that is not there is a failure too', async () => {
    const nowhere = createStack({ catalogUrl: 'http://127.0.0.1:1', apiKey: undefined, timeoutSeconds: 1 })
    await expect(nowhere.buckets(anna)).rejects.toMatchObject({ code: 'stack-unavailable' })
  })

  test('is no longer asked when nobody waits', async () => {
    const abort = new AbortController()
    await stack.catalog()
    standIn.faults.push({ path: '/graphql', delay: 300 })
    const asked = stack.buckets({ ...anna, signal: abort.signal })
    abort.abort()
    await expect(asked).rejects.toMatchObject({ code: 'aborted' })
  })
})

describe('its search', () => {
  const query: CatalogQuery = { scope: 'objects', text: 'rain', limit: 2 }
  const search = (overrides: Partial<CatalogQuery> = {}, who = anna) =>
    stack.search?.({ ...query, ...overrides }, who)

  test('gives objects with facets and a way to go on', async () => {
    standIn.hits = {
      hits: {
        total: { value: 3, relation: 'eq' },
        hits: [
          {
            _index: 'lab',
            _source: { key: 'a/rain.csv', size: 7, version_id: 'v1', last_modified: '2025-01-01' }
          },
          { _index: 'archive-reindex-v1', _source: { key: 'rain.txt', size: null } },
          { _index: 'lab', _source: { of: 'another kind' } }
        ].slice(0, 2)
      },
      aggregations: {
        bucket: { buckets: [{ key: 'lab', doc_count: 2 }] },
        extension: { buckets: [{ key: '.csv', doc_count: 2 }] }
      }
    }
    expect(await search()).toEqual({
      hits: [
        {
          kind: 'object',
          bucket: 'lab',
          key: 'a/rain.csv',
          size: 7,
          versionId: 'v1',
          modified: '2025-01-01'
        },
        { kind: 'object', bucket: 'archive', key: 'rain.txt' }
      ],
      total: 3,
      totalIsExact: true,
      facets: { bucket: [{ value: 'lab', count: 2 }], extension: [{ value: '.csv', count: 2 }] },
      next: '2',
      refused: []
    })
    expect(standIn.searches[0]?.get('index')).toBe('archive,lab')
    await search({ after: '2' })
    expect(JSON.parse(standIn.searches[1]?.get('body') ?? '')).toMatchObject({ from: 2, size: 2 })
  })

  test('gives packages with what their manifests say', async () => {
    standIn.hits = {
      hits: {
        total: 1,
        hits: [
          {
            _index: 'lab_packages',
            _source: { ptr_name: 'team/data', ptr_last_modified: '2025-01-01' },
            inner_hits: {
              mnfst: {
                hits: {
                  hits: [
                    {
                      _source: {
                        mnfst_hash: 'abc',
                        mnfst_message: 'First',
                        mnfst_stats: { total_bytes: 9, total_files: 2 }
                      }
                    }
                  ]
                }
              }
            }
          }
        ]
      }
    }
    expect((await search({ scope: 'packages' }))?.hits).toEqual([
      {
        kind: 'package',
        bucket: 'lab',
        package: 'team/data',
        topHash: 'abc',
        message: 'First',
        modified: '2025-01-01',
        files: 2,
        bytes: 9
      }
    ])
    expect(standIn.searches[0]?.get('index')).toBe('archive_packages,lab_packages')
  })

  test('gives entries with the package that has them', async () => {
    const pointer = { hits: { hits: [{ _source: { ptr_name: 'team/data' } }] } }
    standIn.hits = {
      hits: {
        total: { value: 1, relation: 'gte' },
        hits: [
          {
            _index: 'lab_packages',
            _source: { entry_lk: 'a.csv', entry_pk: 's3://lab/a.csv', entry_size: 3 },
            inner_hits: {
              mnfst: { hits: { hits: [{ _source: { mnfst_hash: 'abc' }, inner_hits: { ptr: pointer } }] } }
            }
          },
          { _index: 'lab_packages', _source: { entry_lk: 'of no package' } }
        ]
      }
    }
    const answer = await search({ scope: 'entries', extensions: ['csv'], minBytes: 1, buckets: ['lab'] })
    expect(answer).toMatchObject({
      totalIsExact: false,
      hits: [
        {
          kind: 'entry',
          bucket: 'lab',
          package: 'team/data',
          topHash: 'abc',
          logicalKey: 'a.csv',
          physicalKey: 's3://lab/a.csv',
          size: 3
        }
      ]
    })
    expect(answer?.hits).toHaveLength(1)
  })

  test('takes what means something to the query language literally, but wildcards', async () => {
    await search({ text: 'a:b (c) OR "d/e" f* <g', modifiedAfter: '2025-01-01', extensions: ['.CSV', 'txt'] })
    expect(JSON.parse(standIn.searches[0]?.get('body') ?? '')).toMatchObject({
      query: {
        bool: {
          must: [{ query_string: { query: String.raw`a\:b \(c\) or \"d\/e\" f*  g` } }],
          filter: [{ range: { last_modified: { gte: '2025-01-01' } } }, { terms: { ext: ['.csv', '.txt'] } }]
        }
      }
    })
  })

  test('leaves out buckets that may not be searched, and names them', async () => {
    expect(await search({ buckets: ['lab', 'secret', 'archive'] })).toMatchObject({ refused: ['secret'] })
    await expect(search({ buckets: ['secret'] })).rejects.toMatchObject({ code: 'access-denied' })
    await expect(search({ buckets: ['secret', 'hidden'] })).rejects.toMatchObject({ code: 'access-denied' })
  })

  test('of no bucket finds nothing, and a cursor of another list is refused', async () => {
    standIn.users.set('carl', { name: 'carl', email: 'carl@example.org', buckets: [] })
    expect(await search({}, caller('carl'))).toMatchObject({ hits: [], total: 0, next: undefined })
    await expect(search({ after: 'x' })).rejects.toMatchObject({ code: 'invalid-cursor' })
    await expect(search({ after: '10000' })).rejects.toMatchObject({ code: 'invalid-cursor' })
  })

  test('that answers with something else is a failure', async () => {
    standIn.faults.push({ path: '/api/search', body: '{"took": 3}' })
    await expect(search()).rejects.toMatchObject({ code: 'stack-malformed' })
  })
})

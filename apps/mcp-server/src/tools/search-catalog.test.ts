import { expect, test } from '@jest/globals'
import type { Backend, CatalogAnswer, CatalogQuery } from '../backends/backend.ts'
import { testServices } from '../../test/server.ts'
import { toolRunner, type ToolRunner } from '../../test/tool-runner.ts'

const nothing: CatalogAnswer = {
  hits: [],
  total: 0,
  totalIsExact: true,
  facets: { bucket: [], extension: [] },
  next: undefined,
  refused: []
}

/** Tools on a server whose only backend is one with a search of its own, and what that is asked. */
async function searching(
  answer: Partial<CatalogAnswer> = {}
): Promise<ToolRunner & { readonly asked: CatalogQuery[] }> {
  const asked: CatalogQuery[] = []
  const backend: Backend = {
    name: 'stack',
    catalogUrl: 'https://catalog.example.org',
    buckets: () => Promise.resolve([]),
    authStatus: () => Promise.resolve({ authenticated: true, identity: undefined, method: 'test' }),
    search: (query) => {
      asked.push(query)
      const hits = (answer.hits ?? []).slice(0, query.limit)
      return Promise.resolve({ ...nothing, ...answer, hits })
    }
  }
  const services = await testServices()
  const sample = await services.registries.get(undefined, toolRunner(services).context)
  const registries = {
    default: undefined,
    all: () => Promise.resolve([]),
    get: (uri: string | undefined) =>
      uri === undefined
        ? Promise.reject(new RangeError('no default registry'))
        : Promise.resolve({ ...sample, uri, backend })
  }
  return { ...toolRunner({ ...services, backends: [backend], registries }), asked }
}

test('without a registry all buckets of the caller are searched', async () => {
  const runner = await searching({
    hits: [
      {
        kind: 'package',
        bucket: 'lab',
        package: 'a/b',
        topHash: 'ab',
        message: 'by\u202eme',
        files: 2,
        bytes: 9
      },
      { kind: 'package', bucket: 'archive', package: 'a/b' }
    ],
    total: 7,
    next: '2'
  })
  const { structured, content } = await runner.result('search', { query: 'rain' })
  expect(runner.asked).toEqual([{ scope: 'packages', text: 'rain', limit: 20 }])
  expect(structured).toEqual({
    engine: 'elasticsearch',
    backend: 'stack',
    results: [
      {
        kind: 'package',
        package: 'a/b',
        registry: 's3://lab',
        top_hash: 'ab',
        message: 'by\\u{202e}me',
        files: 2,
        bytes: 9
      },
      { kind: 'package', package: 'a/b', registry: 's3://archive' }
    ],
    total: 7,
    next_cursor: '2'
  })
  expect(content).toMatchObject([
    { uri: 'quilt+s3://lab#package=a/b@ab' },
    { uri: 'quilt+s3://archive#package=a/b' }
  ])
})

test('with a registry its bucket alone is, and every filter is passed on', async () => {
  const runner = await searching()
  await runner.run('search', {
    query: '',
    in: 'objects',
    registry: 's3://lab',
    prefix: 'raw/',
    extension: ['csv'],
    min_size: 1,
    max_size: 9,
    modified_after: '2025-01-01',
    limit: 3,
    cursor: '3'
  })
  await runner.run('search', { query: 'x', package: 'team/', registry: 's3://lab' })
  expect(runner.asked).toEqual([
    {
      scope: 'objects',
      text: '',
      buckets: ['lab'],
      prefix: 'raw/',
      extensions: ['csv'],
      minBytes: 1,
      maxBytes: 9,
      modifiedAfter: '2025-01-01',
      limit: 3,
      after: '3'
    },
    { scope: 'packages', text: 'x', buckets: ['lab'], package: 'team/', limit: 20 }
  ])
})

test('objects and entries have their addresses, and names that hide something are shown', async () => {
  const runner = await searching({
    hits: [
      { kind: 'object', bucket: 'lab', key: 'a b.csv', versionId: 'v1', size: 3, modified: '2025-01-01' },
      { kind: 'entry', bucket: 'lab', package: 'a/b', topHash: 'ab', logicalKey: 'x\u200by', size: 1 }
    ],
    total: 2
  })
  expect(await runner.run('search', { query: 'x', in: 'entries' })).toMatchObject({
    results: [
      { kind: 'object', uri: 's3://lab/a%20b.csv?versionId=v1', size: 3, modified: '2025-01-01' },
      { kind: 'entry', package: 'a/b', registry: 's3://lab', path: 'x\u200by', shown: 'x\\u{200b}y', size: 1 }
    ]
  })
})

test('what was not searched or counted is said, and facets come when asked for', async () => {
  const runner = await searching({
    totalIsExact: false,
    refused: ['secret'],
    facets: { bucket: [{ value: 'lab', count: 2 }], extension: [{ value: '.csv', count: 1 }] }
  })
  const answer = await runner.run('search', { query: 'x', facets: true })
  expect(answer).toMatchObject({
    note: 'There are more matches than total says. Not searched: secret.',
    facets: { bucket: [{ value: 'lab', count: 2 }], extension: [{ value: '.csv', count: 1 }] }
  })
  expect(await runner.run('search', { query: 'x' })).not.toHaveProperty('facets')
})

test('a page that is too large is asked for again, smaller', async () => {
  const message = '數據'.repeat(150)
  const hits = Array.from(
    { length: 50 },
    () => ({ kind: 'package', bucket: 'b', package: 'a/b', message }) as const
  )
  const runner = await searching({ hits, total: 50, next: '7' })
  const { results } = await runner.run('search', { query: 'x', limit: 50 })
  expect(runner.asked.map(({ limit }) => limit)).toEqual([50, expect.any(Number)])
  expect(results).toHaveLength(runner.asked[1]?.limit ?? 0)
})

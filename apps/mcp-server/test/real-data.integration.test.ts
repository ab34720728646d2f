import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { startBuiltServer } from './built-server.ts'
import { connectClient } from './mcp-client.ts'

/**
 * Real data, where there is any: set QUILT_TEST_REGISTRY (as in QUILT_REGISTRIES, for instance
 * `s3://quilt-example?anonymous&readonly&region=us-east-1`), and if you like QUILT_TEST_PACKAGE, AWS credentials, and
 * QUILT_CATALOG_URL with QUILT_API_KEY. Nothing is written.
 */
const environment = process.env
const registry = environment['QUILT_TEST_REGISTRY']
const packageName = environment['QUILT_TEST_PACKAGE']
const catalog = environment['QUILT_CATALOG_URL']
const key = environment['QUILT_API_KEY']
const issuerToken = environment['QUILT_TEST_TOKEN']
const hasAws = ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'].some(
  (name) => environment[name] !== undefined
)

const parts = [
  { name: 'a registry of real data', runs: registry !== undefined, needs: 'QUILT_TEST_REGISTRY' },
  {
    name: 'AWS credentials and identity',
    runs: registry !== undefined && hasAws,
    needs: 'QUILT_TEST_REGISTRY and AWS credentials'
  },
  {
    name: 'a real Quilt stack',
    runs: catalog !== undefined && key !== undefined,
    needs: 'QUILT_CATALOG_URL and QUILT_API_KEY'
  },
  {
    name: 'a token of a real user over HTTP',
    runs: catalog !== undefined && issuerToken !== undefined,
    needs: 'QUILT_CATALOG_URL and QUILT_TEST_TOKEN'
  }
] as const

for (const { name, runs, needs } of parts)
  process.stderr.write(
    runs
      ? `real data: ${name}: run\n`
      : `real data: ${name}: NOT RUN, which needs ${needs}; mcp-server:acceptance uses an S3 server on this machine and a stand-in of a stack instead\n`
  )

/** What the AWS SDK and the server need of this process's environment. */
function passedOn(extra: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(environment).filter((name) => name === 'HOME' || name.startsWith('AWS_'))
  return {
    ...Object.fromEntries(names.map((name) => [name, environment[name] ?? ''])),
    ...extra
  }
}

const suite = (index: 0 | 1 | 2 | 3) => (parts[index].runs ? describe : describe.skip)

suite(0)('a registry of real data', () => {
  test('lists, browses, reads and completes a package', async () => {
    await using server = await startBuiltServer(passedOn({ QUILT_REGISTRIES: registry ?? '' }))
    await using client = await connectClient(server.url)
    const { packages } = z
      .object({ packages: z.array(z.object({ name: z.string() })).min(1) })
      .parse(await client.call('packages_list', { limit: 10 }))
    const name = packageName ?? packages[0]?.name ?? ''
    const { top_hash: topHash } = z
      .object({ top_hash: z.string().regex(/^[0-9a-f]{64}$/) })
      .parse(await client.call('package_browse', { package: name }))
    const { resources } = await client.client.listResources()
    const uri = resources.find((one) => one.uri.endsWith(`#package=${name}`))?.uri
    if (uri !== undefined) {
      const { contents } = await client.client.readResource({ uri })
      expect(JSON.stringify(contents)).toContain(topHash)
    }
    await client.call('package_versions', { package: name })
    const completed = await client.client.complete({
      ref: { type: 'ref/prompt', name: 'describe_package' },
      argument: { name: 'package', value: name }
    })
    expect(completed.completion.values).toContain(name)
  })
})

const status = z.object({
  backends: z.array(
    z.object({ name: z.string(), authenticated: z.boolean(), identity: z.string().optional() })
  )
})

suite(1)('AWS credentials and identity', () => {
  test('are those of the environment, and AWS knows them', async () => {
    await using server = await startBuiltServer(
      passedOn({ QUILT_REGISTRIES: (registry ?? '').replace(/&?anonymous/, '') })
    )
    await using client = await connectClient(server.url)
    const { backends } = status.parse(await client.call('auth_status'))
    expect(backends).toContainEqual(
      expect.objectContaining({ name: 's3', authenticated: true, identity: expect.stringMatching(/^arn:/) })
    )
  })
})

suite(2)('a real Quilt stack', () => {
  test('knows the key, gives credentials and lists buckets', async () => {
    await using server = await startBuiltServer({
      QUILT_CATALOG_URL: catalog ?? '',
      QUILT_API_KEY: key ?? ''
    })
    await using client = await connectClient(server.url)
    const { backends } = status.parse(await client.call('auth_status'))
    expect(backends).toContainEqual(expect.objectContaining({ name: 'stack', authenticated: true }))
    const { buckets } = z
      .object({ buckets: z.array(z.object({ uri: z.string() })).min(1) })
      .parse(await client.call('buckets_list'))
    const bucket = buckets[0]?.uri ?? ''
    await client.call('search', { query: 'README', in: 'objects', registry: bucket })
  })
})

suite(3)('a token of a real user over HTTP', () => {
  test('is let in, and no other', async () => {
    await using server = await startBuiltServer({ QUILT_CATALOG_URL: catalog ?? '', AUTH: 'stack' })
    await using client = await connectClient(server.url, issuerToken)
    await client.call('buckets_list')
    await expect(connectClient(server.url, 'not-a-token')).rejects.toThrow()
  })
})

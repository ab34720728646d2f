import { beforeAll, describe, expect, test } from '@jest/globals'
import { testServices } from '../../test/server.ts'
import { failure, toolRunner, type ToolRunner } from '../../test/tool-runner.ts'
import { tools } from './index.ts'

let runner: ToolRunner

beforeAll(async () => {
  runner = toolRunner(await testServices())
})

const run: ToolRunner['run'] = (name, args) => runner.run(name, args)

describe('every tool', () => {
  test('names are unique, in the same style and not longer than clients allow', () => {
    const names = tools.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z]+(?:_[a-z]+)*$/)
  })

  test.each(tools.map((tool) => [tool.name, tool] as const))('%s says what it is for', (_, tool) => {
    expect(tool.title.length).toBeGreaterThan(5)
    expect(tool.description).toMatch(/Use it /)
    expect(tool.examples.length).toBeGreaterThan(0)
    expect(tool.annotations.readOnlyHint).toBe(tool.scope === 'read')
  })

  test.each(tools.flatMap((tool) => tool.examples.map((example) => [tool.name, example] as const)))(
    '%s answers its example %j on the sample registry',
    async (name, example) => {
      await run(name, example)
    }
  )

  test.each(tools.map(({ name }) => [name]))('%s refuses an argument it does not know', async (name) => {
    await expect(run(name, { surprise: 1 })).rejects.toEqual(failure('invalid-arguments'))
  })

  test.each(
    tools
      .filter(({ name, input }) => 'registry' in input.shape && name !== 'catalog_url')
      .map((tool) => [tool.name, tool] as const)
  )('%s refuses a registry that is not served and names those that are', async (name, { examples }) => {
    await expect(run(name, { ...examples[0], registry: 'file:///etc' })).rejects.toMatchObject({
      code: 'registry-unknown',
      next: expect.stringContaining('file:///app/sample')
    })
  })

  test.each([
    'package_browse',
    'package_inspect',
    'package_versions',
    'package_diff',
    'package_verify',
    'catalog_uri'
  ])('%s says so where there is no such package', async (name) => {
    await expect(run(name, { package: 'no/such' })).rejects.toEqual(failure('package-not-found'))
  })

  test.each([
    'package_browse',
    'package_inspect',
    'package_versions',
    'package_diff',
    'package_verify',
    'catalog_uri'
  ])('%s refuses a name that is none', async (name) => {
    for (const bad of ['plain', 'a/b/c', '../..', 'a/b\u0000'])
      await expect(run(name, { package: bad })).rejects.toEqual(failure('invalid-package-name'))
  })
})

describe('packages_list', () => {
  test('lists all packages, in order', async () => {
    const { packages, next_cursor: next } = await run('packages_list')
    expect(packages).toEqual(
      [
        'biology/penguins',
        'climate/global-temperature',
        'climate/seattle-weather',
        'economy/us-employment',
        'geography/boundaries',
        'health/gapminder',
        'transport/flights'
      ].map((name) => ({ name }))
    )
    expect(next).toBeUndefined()
  })

  test('pages hold together', async () => {
    const names: unknown[] = []
    let cursor: unknown
    do {
      const page = await run('packages_list', { limit: 3, ...(cursor === undefined ? {} : { cursor }) })
      names.push(...(page['packages'] as unknown[]))
      cursor = page['next_cursor']
    } while (cursor !== undefined)
    expect(names).toEqual((await run('packages_list'))['packages'])
  })

  test('a prefix narrows it', async () => {
    expect(await run('packages_list', { prefix: 'climate/' })).toMatchObject({
      packages: [{ name: 'climate/global-temperature' }, { name: 'climate/seattle-weather' }]
    })
    expect(await run('packages_list', { prefix: 'nothing' })).toMatchObject({ packages: [] })
  })

  test.each([{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { limit: '5' }, { cursor: 5 }, { cursor: '' }])(
    'refuses %j',
    async (args) => {
      await expect(run('packages_list', args)).rejects.toEqual(failure('invalid-arguments'))
    }
  )
})

describe('package_versions', () => {
  test('gives latest and the pushes, newest first', async () => {
    const { revisions } = await run('package_versions', { package: 'climate/seattle-weather' })
    expect(revisions).toMatchObject([
      { pointer: 'latest' },
      { pointer: '1757494800', modified: '2025-09-10T09:00:00.000Z' },
      { pointer: '1757149200' },
      { pointer: '1756890000' }
    ])
  })
})

describe('package_browse', () => {
  test('shows the root with metadata, files and folders', async () => {
    const shown = await run('package_browse', { package: 'climate/seattle-weather' })
    expect(shown).toMatchObject({
      registry: 'file:///app/sample',
      message: 'Rain over the whole earth, for context',
      files: 5,
      folder: { path: '', files: 5, meta: { subject: 'climate', cities: ['Seattle', 'New York'] } },
      children: [
        { kind: 'file', path: 'README.md' },
        { kind: 'folder', path: 'compare/', files: 2 },
        { kind: 'file', path: 'quilt_summarize.json' },
        {
          kind: 'file',
          path: 'seattle-weather.csv',
          size: 48219,
          hash: expect.stringMatching(/^sha2-256-chunked:/)
        }
      ]
    })
  })

  test('takes / for the root', async () => {
    expect(await run('package_browse', { package: 'biology/penguins', path: '/' })).toMatchObject({
      folder: { path: '' }
    })
  })

  test('names the registry in failures as it is served, not where it is', async () => {
    await expect(run('package_browse', { package: 'no/such' })).rejects.toMatchObject({
      message: 'there is no package no/such in file:///app/sample'
    })
  })

  test.each(['compare', 'compare/'])('shows the folder %s', async (path) => {
    expect(await run('package_browse', { package: 'climate/seattle-weather', path })).toMatchObject({
      folder: { path: 'compare/', files: 2 },
      children: [{ path: 'compare/global/' }, { path: 'compare/two-cities.csv' }]
    })
  })

  test('shows an earlier revision by pointer, by top hash and by its first digits', async () => {
    const { revisions } = await run('package_versions', { package: 'biology/penguins' })
    const [, , first] = revisions as { pointer: string; top_hash: string }[]
    for (const revision of [first?.pointer, first?.top_hash, first?.top_hash.slice(0, 10)])
      expect(await run('package_browse', { package: 'biology/penguins', revision })).toMatchObject({
        message: 'First look at the penguins',
        top_hash: first?.top_hash
      })
  })

  test('pages hold together', async () => {
    const first = await run('package_browse', { package: 'transport/flights', limit: 2 })
    const rest = await run('package_browse', { package: 'transport/flights', cursor: first['next_cursor'] })
    const all = await run('package_browse', { package: 'transport/flights' })
    expect([...(first['children'] as unknown[]), ...(rest['children'] as unknown[])]).toEqual(all['children'])
  })

  test('says so where there is no such folder or revision', async () => {
    const name = 'biology/penguins'
    await expect(run('package_browse', { package: name, path: 'no/' })).rejects.toEqual(
      failure('folder-not-found')
    )
    await expect(run('package_browse', { package: name, revision: '0'.repeat(64) })).rejects.toMatchObject({
      code: expect.stringMatching(/not-found$/)
    })
    await expect(run('package_browse', { package: name, cursor: 'bogus' })).rejects.toMatchObject({})
  })
})

describe('object_read', () => {
  const weather = { package: 'climate/seattle-weather', path: 'seattle-weather.csv' }

  test('reads text in parts that together are the file', async () => {
    let content = ''
    let offset: unknown = 0
    while (offset !== undefined) {
      const part = await run('object_read', { ...weather, offset, length: 20_000 })
      expect(part).toMatchObject({ encoding: 'text', size: 48219, offset })
      content += String(part['content'])
      offset = part['next_offset']
    }
    expect(content.length).toBe(48219)
    expect(content.startsWith('date,precipitation')).toBe(true)
  })

  test('reads binary files as base64', async () => {
    const part = await run('object_read', {
      package: 'transport/flights',
      path: 'flights-200k.arrow',
      length: 8
    })
    expect(part).toMatchObject({ encoding: 'base64', length: 8, next_offset: 8 })
    expect(Buffer.from(String(part['content']), 'base64')).toHaveLength(8)
  })

  test('reads what an earlier revision held', async () => {
    const { revisions } = await run('package_versions', { package: 'climate/seattle-weather' })
    const contents = await Promise.all(
      (revisions as { top_hash: string }[]).map(async ({ top_hash: revision }) => {
        const { content } = await run('object_read', { ...weather, path: 'README.md', revision })
        return content
      })
    )
    expect(new Set(contents).size).toBe(3)
  })

  test('at the end of the file there is nothing more', async () => {
    const part = await run('object_read', { ...weather, offset: 48219 })
    expect(part).toMatchObject({ length: 0, content: '' })
    expect(part['next_offset']).toBeUndefined()
  })

  test('never returns more than the server allows', async () => {
    const small = toolRunner({ ...runner.context.services, maxReadBytes: 1024 })
    expect(await small.run('object_read', { ...weather, length: 1_000_000 })).toMatchObject({
      length: 1024,
      next_offset: 1024
    })
  })

  test('takes what catalog_uri makes', async () => {
    const made = await run('catalog_uri', weather)
    for (const uri of [made['uri'], made['pinned_uri']])
      expect(await run('object_read', { uri, length: 4 })).toMatchObject({
        content: 'date',
        uri: made['pinned_uri']
      })
  })

  test.each([
    ['no file named', {}],
    ['a package without a path', { package: 'biology/penguins' }],
    ['both ways to name it', { ...weather, uri: 'quilt+file:///app/sample#package=a/b&path=c' }],
    ['a URI without a path', { uri: 'quilt+file:///app/sample#package=biology/penguins' }],
    ['a negative offset', { ...weather, offset: -1 }],
    ['a fraction', { ...weather, length: 4.5 }],
    ['an encoding it does not know', { ...weather, encoding: 'utf-16' }],
    ['a path that is no text', { package: 'biology/penguins', path: 5 }]
  ])('refuses %s', async (_, args) => {
    await expect(run('object_read', args)).rejects.toEqual(failure('invalid-arguments'))
  })

  test.each([
    ['an s3 registry that is not served', 'quilt+s3://bucket#package=a/b&path=c', 'registry-unknown'],
    ['a plain path', '/etc/passwd', 'invalid-address'],
    ['a file of the machine', 'file:///etc/passwd', 'outside-root'],
    ['a bucket that is not served', 's3://bucket/key', 'registry-unknown'],
    ['a folder', 'file:///app/sample/biology/', 'invalid-address'],
    [
      'a way out of the package',
      'quilt+file:///app/sample#package=biology/penguins&path=../../x',
      'invalid-uri'
    ]
  ])('a URI that is %s', async (_, uri, code) => {
    await expect(run('object_read', { uri })).rejects.toEqual(failure(code))
  })

  test('says so where there is no such file, or an offset behind its end', async () => {
    await expect(run('object_read', { ...weather, path: 'no.csv' })).rejects.toEqual(
      failure('entry-not-found')
    )
    await expect(run('object_read', { ...weather, offset: 1_000_000 })).rejects.toEqual(
      failure('invalid-range')
    )
    await expect(run('object_read', { ...weather, path: '../../../../etc/passwd' })).rejects.toEqual(
      failure('entry-not-found')
    )
  })
})

describe('catalog_uri', () => {
  test('follows latest, and pins what it means now', async () => {
    const {
      uri,
      pinned_uri: pinned,
      top_hash: hash
    } = await run('catalog_uri', { package: 'biology/penguins' })
    expect(uri).toBe('quilt+file:///app/sample#package=biology/penguins')
    expect(pinned).toBe(`quilt+file:///app/sample#package=biology/penguins@${String(hash)}`)
  })

  test('escapes what a path needs', async () => {
    const made = await run('catalog_uri', {
      package: 'biology/penguins',
      path: 'a b/ü&c#?.txt',
      catalog: 'open.quiltdata.com'
    })
    expect(made['uri']).toBe(
      'quilt+file:///app/sample#package=biology/penguins&path=a%20b/%C3%BC%26c%23%3F.txt&catalog=open.quiltdata.com'
    )
  })

  test('names a revision as it was asked for', async () => {
    const { top_hash: hash } = await run('catalog_uri', { package: 'biology/penguins' })
    const by = async (revision: string) =>
      (await run('catalog_uri', { package: 'biology/penguins', revision }))['uri']
    expect(await by('latest')).toBe('quilt+file:///app/sample#package=biology/penguins')
    expect(await by('1756976400').catch((error: unknown) => error)).toBeDefined()
    expect(await by(String(hash).slice(0, 8))).toBe(
      `quilt+file:///app/sample#package=biology/penguins@${String(hash)}`
    )
  })

  test('refuses a catalog that is no host name', async () => {
    await expect(run('catalog_uri', { package: 'biology/penguins', catalog: 'https://x' })).rejects.toEqual(
      failure('invalid-arguments')
    )
  })
})

describe('server_status', () => {
  test('says version, revision, uptime and registries', async () => {
    expect(await run('server_status')).toEqual({
      name: 'quilt-mcp',
      version: 'abc1234',
      revision: 'abc1234'.padEnd(40, '0'),
      uptime_seconds: 1.5,
      registries: [{ uri: 'file:///app/sample', default: true, read_only: true, readable: true }]
    })
  })
})

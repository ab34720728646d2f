import { describe, expect, test } from '@jest/globals'
import { testContext } from '../../test/context.ts'
import { testServices } from '../../test/server.ts'
import { aliases } from './aliases.ts'
import { tools } from './index.ts'
import { examplesKey, listTool } from './listing.ts'
import { serveTools } from './served-tools.ts'

const served = serveTools(tools, true)
const anyone = { filter: undefined }

describe('the served tools', () => {
  test('are listed with what their schemas need and nothing more', () => {
    expect(served.list).toHaveLength(tools.length)
    const [first] = tools
    if (first === undefined) throw new RangeError('no tools')
    expect(listTool(first, true)).toMatchObject({
      inputSchema: { type: 'object', properties: { limit: { type: 'integer', default: 100 } } },
      outputSchema: { type: 'object', properties: { packages: { type: 'array' } } },
      _meta: { [examplesKey]: first.examples }
    })
    expect(listTool(first, false)).not.toHaveProperty('_meta')
  })

  test('are fewer for a request that narrows them', () => {
    const filter = { tools: ['search'], readOnly: false }
    expect(served.narrowed(anyone)).toBeUndefined()
    expect(served.narrowed({ filter })).toEqual([expect.objectContaining({ name: 'search' })])
    expect(served.find('search', {}, { filter })?.tool.name).toBe('search')
    expect(served.find('object_read', {}, { filter })).toBeUndefined()
  })
})

describe('names of the Python server', () => {
  test.each([...aliases])('%s is answered and not listed', (old, { tool }) => {
    expect(served.find(old, {}, anyone)?.tool.name).toBe(tool)
    expect(served.list).not.toContainEqual(expect.objectContaining({ name: old }))
  })

  test.each([
    [
      'package_browse',
      { package_name: 'a/b', top: 5, include_signed_urls: true },
      { package: 'a/b', limit: 5 }
    ],
    [
      'bucket_object_text',
      { s3_uri: 's3://b/k', max_bytes: 10 },
      { uri: 's3://b/k', length: 10, encoding: 'text' }
    ],
    [
      'package_update',
      { package_name: 'a/b', s3_uris: ['s3://b/k'] },
      { package: 'a/b', set: [{ uri: 's3://b/k' }] }
    ],
    [
      'package_diff',
      { package1_name: 'a/b', package2_name: 'c/d', package2_hash: '' },
      { package: 'a/b', other_package: 'c/d' }
    ],
    ['search_catalog', { query: 'x', backend: 'elasticsearch', surprise: 1 }, { query: 'x', surprise: 1 }],
    ['search', { query: 'x' }, { query: 'x' }]
  ])('%s with %j means %j', (name, args, expected) => {
    expect(served.find(name, args, anyone)?.args).toEqual(expected)
  })

  test('a call by them works', async () => {
    const found = served.find(
      'bucket_object_text',
      { s3_uri: 'file:///app/sample/biology/penguins/README.md' },
      anyone
    )
    const result = await found?.tool.run(found.args, { ...testContext(), services: await testServices() })
    expect(result?.structured).toMatchObject({ encoding: 'text' })
  })
})

import { beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { caller, type CallMethod } from '../../test/call-method.ts'
import { testServices } from '../../test/server.ts'
import { prompts } from '../prompts/index.ts'
import { resourceTemplates } from '../resources/templates.ts'
import { completionMethods } from './completion-methods.ts'

let call: CallMethod

beforeAll(async () => {
  const services = await testServices()
  call = caller(completionMethods({ services, prompts, templates: resourceTemplates }))
})

const completion = z.object({
  completion: z.object({ values: z.array(z.string()), total: z.number().optional(), hasMore: z.boolean() })
})

const prompt = { type: 'ref/prompt', name: 'describe_package' }
const entry = {
  type: 'ref/resource',
  uri: 'quilt+file://{+folder}#package={+package}@{revision}&path={+path}'
}

async function values(
  ref: object,
  name: string,
  value: string,
  known: Record<string, string> = {}
): Promise<readonly string[]> {
  const { result } = await call('completion/complete', {
    ref,
    argument: { name, value },
    context: { arguments: known }
  })
  return completion.parse(result).completion.values
}

describe('completion', () => {
  test('of a registry, bucket or folder is from those that are served', async () => {
    expect(await values(prompt, 'registry', '')).toEqual(['file:///app/sample'])
    expect(await values(prompt, 'registry', 'SAMPLE')).toEqual(['file:///app/sample'])
    expect(await values(prompt, 'registry', 's3://')).toEqual([])
    expect(await values(entry, 'folder', '/app')).toEqual(['/app/sample'])
    const bucket = { type: 'ref/resource', uri: 'quilt+s3://{bucket}#package={+package}' }
    expect(await values(bucket, 'bucket', '')).toEqual([])
  })

  test('of a package is by the beginning of its name, or else by a word in it', async () => {
    expect(await values(prompt, 'package', 'climate/')).toEqual([
      'climate/global-temperature',
      'climate/seattle-weather'
    ])
    expect(await values(prompt, 'package', '')).toHaveLength(7)
    expect(await values(prompt, 'package', 'penguin')).toEqual(['biology/penguins'])
    expect(await values(entry, 'package', 'bio', { folder: '/app/sample' })).toEqual(['biology/penguins'])
  })

  test('of a revision is from tags and top hashes of the package', async () => {
    const known = { package: 'climate/seattle-weather' }
    const all = await values(prompt, 'revision', '', known)
    expect(all).toHaveLength(4)
    expect(all[0]).toBe('latest')
    const [, hash = ''] = all
    expect(await values(prompt, 'revision', hash.slice(0, 5), known)).toEqual([hash])
    expect(await values({ ...prompt, name: 'compare_revisions' }, 'from', 'lat', known)).toEqual(['latest'])
    expect(await values(prompt, 'revision', '')).toEqual([])
  })

  test('of a path is from the folder typed so far, or else by any part of a key', async () => {
    const known = { folder: '/app/sample', package: 'climate/seattle-weather' }
    expect(await values(entry, 'path', 'com', known)).toEqual(['compare/'])
    expect(await values(entry, 'path', 'compare/', known)).toEqual([
      'compare/global/',
      'compare/two-cities.csv'
    ])
    expect(await values(entry, 'path', 'cities', known)).toEqual(['compare/two-cities.csv'])
    expect(await values(entry, 'path', 'none/here', known)).toEqual([])
    expect(await values(entry, 'path', '', known)).toContain('README.md')
    expect(await values(entry, 'path', '', { folder: '/app/sample' })).toEqual([])
  })

  test('has no values where what was given before is not there', async () => {
    expect(await values(prompt, 'package', '', { registry: 's3://elsewhere' })).toEqual([])
    expect(await values(prompt, 'revision', '', { package: 'no/such' })).toEqual([])
    expect(await values(entry, 'path', '', { folder: '/app/sample', package: 'no name' })).toEqual([])
    const topic = { type: 'ref/prompt', name: 'explore_registry' }
    expect(await values(topic, 'topic', 'x')).toEqual([])
  })

  test.each([
    [
      'a prompt that is not there',
      { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a', value: '' } }
    ],
    [
      'a template that is not there',
      { ref: { type: 'ref/resource', uri: 'x' }, argument: { name: 'a', value: '' } }
    ],
    ['an argument that is not there', { ref: prompt, argument: { name: 'colour', value: '' } }],
    ['a value that is no text', { ref: prompt, argument: { name: 'package', value: 1 } }],
    ['no reference', { argument: { name: 'package', value: '' } }]
  ])('of %s is refused', async (_, params) => {
    expect(await call('completion/complete', params)).toMatchObject({ error: { code: -32602 } })
  })
})

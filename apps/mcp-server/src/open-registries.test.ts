import { describe, expect, test } from '@jest/globals'
import { tmpdir } from 'node:os'
import { pathToFileURL } from 'node:url'
import { sampleFolder } from '../test/sample.ts'
import { openRegistries } from './open-registries.ts'

describe('openRegistries', () => {
  test('with none configured it is the sample registry, under its own name', async () => {
    const { registries, sample } = await openRegistries({
      registries: undefined,
      sample: sampleFolder()
    })
    expect(sample).toBe(true)
    expect(registries.all.map(({ uri }) => uri)).toEqual(['file:///app/sample'])
    expect(registries.get('file:///app/sample/')).toBe(registries.default)
  })

  test('configured ones are served in their order, the first by default', async () => {
    const uris = [pathToFileURL(sampleFolder()).href, pathToFileURL(tmpdir()).href]
    const { registries, sample } = await openRegistries({ registries: uris, sample: undefined })
    expect(sample).toBe(false)
    expect(registries.all.map(({ uri }) => uri)).toEqual(uris)
    expect(registries.get().uri).toBe(uris[0])
    expect((await registries.get(uris[0]).packages({ limit: 1 })).items).toHaveLength(1)
  })

  test('a sample registry that is not there is an error that says how to build it', async () => {
    await expect(openRegistries({ registries: undefined, sample: '/no/such/folder' })).rejects.toMatchObject({
      code: 'invalid-environment',
      message: expect.stringContaining('/no/such/folder'),
      remedy: expect.stringContaining('mcp-server:sample')
    })
  })

  test('a folder that is not there is an error that names it', async () => {
    await expect(
      openRegistries({ registries: ['file:///no/such/folder'], sample: undefined })
    ).rejects.toMatchObject({
      code: 'invalid-environment',
      message: expect.stringContaining('file:///no/such/folder')
    })
  })
})

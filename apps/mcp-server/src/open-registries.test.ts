import { describe, expect, test } from '@jest/globals'
import { tmpdir } from 'node:os'
import { pathToFileURL } from 'node:url'
import { sampleFolder } from '../test/sample.ts'
import { testContext } from '../test/context.ts'
import { openRegistries } from './open-registries.ts'
import { registrySetting, type RegistrySetting } from './registry-setting.ts'

const context = testContext()

function settings(...texts: readonly string[]): readonly RegistrySetting[] {
  return texts.flatMap((text) => registrySetting(text) ?? [])
}

describe('openRegistries', () => {
  test('with none configured it is the sample registry, under its own name', async () => {
    const { registries, sample } = await openRegistries({
      registries: undefined,
      stack: undefined,
      sample: sampleFolder()
    })
    expect(sample).toBe(true)
    const [only, ...more] = await registries.all(context)
    expect(more).toEqual([])
    expect(only).toMatchObject({ uri: 'file:///app/sample', readOnly: true, backend: { name: 'local' } })
    expect(await registries.get('file:///app/sample/', context)).toBe(only)
    expect(registries.default).toBe('file:///app/sample')
  })

  test('configured ones are served in their order, the first by default', async () => {
    const uris = [pathToFileURL(sampleFolder()).href, pathToFileURL(tmpdir()).href]
    const { registries, sample } = await openRegistries({
      registries: settings(...uris),
      stack: undefined,
      sample: undefined
    })
    expect(sample).toBe(false)
    expect((await registries.all(context)).map(({ uri }) => uri)).toEqual(uris)
    const first = await registries.get(undefined, context)
    expect(first.uri).toBe(uris[0])
    expect((await first.packages({ limit: 1 })).items).toHaveLength(1)
  })

  test('a sample registry that is not there is an error that says how to build it', async () => {
    await expect(
      openRegistries({ registries: undefined, stack: undefined, sample: '/no/such/folder' })
    ).rejects.toMatchObject({
      code: 'invalid-environment',
      message: expect.stringContaining('/no/such/folder'),
      remedy: expect.stringContaining('mcp-server:sample')
    })
  })

  test('a folder that is not there is an error that names it', async () => {
    await expect(
      openRegistries({ registries: settings('file:///no/such/folder'), stack: undefined, sample: undefined })
    ).rejects.toMatchObject({
      code: 'invalid-environment',
      message: expect.stringContaining('file:///no/such/folder')
    })
  })
})

import { readRecord } from '@fast-mcp/validation'
import { describe, expect, test } from '@jest/globals'
import { files, passed, run } from '../../test/app-workspace.ts'
import { inRepository } from '../../test/workspace.ts'

describe('phase app', () => {
  test('checks everything and records what failed', () =>
    inRepository(files, async (workspace) => {
      const { error, text } = await run(workspace)
      expect(error).toMatchObject({ code: 'check-failed' })
      expect(text).toMatch(/^phase app \w+, target local\n/)
      expect(text).toContain('✓ app.imports')
      expect(text).toContain('✗ app.startup')
      const record = await readRecord(workspace, 'app')
      expect(record).toMatchObject({ passed: false, inputs: [{ name: 'sources' }], outputs: [] })
    }))

  test('has nothing to do where its record stands', () =>
    inRepository(files, async (workspace) => {
      const record = await passed(workspace)
      const { record: standing, text } = await run(workspace)
      expect(standing).toEqual(record)
      expect(text).toMatch(/^phase app \w+: nothing to do/)
    }))

  test('refuses an environment that is not valid before it does anything', () =>
    inRepository(files, async (workspace) => {
      const { error } = await run(workspace, { environment: { ECR_REGISTRY: 'https://x' } })
      expect(error).toMatchObject({ code: 'invalid-environment' })
      expect(await readRecord(workspace, 'app')).toBeUndefined()
    }))
})

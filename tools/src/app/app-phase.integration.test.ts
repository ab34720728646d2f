import { describe, expect, test } from '@jest/globals'
import { files, passed, run } from '../../test/app-workspace.ts'
import { inRepository, write } from '../../test/workspace.ts'

describe('phase app', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, Parameters<typeof run>[1]]>([
    ['it is asked to', {}, { again: true }],
    ['the target is another one', {}, { environment: { ECR_REGISTRY: 'registry.example.org' } }],
    ['the output changed', { 'dist/apps/mcp-server/main.js': 'other' }, {}],
    ['a source changed', { 'libs/one/src/one.ts': 'export const one = 2\n' }, {}]
  ])('checks again where %s', (_, changes, options) =>
    inRepository(files, async (workspace) => {
      await passed(workspace)
      await write(workspace, changes)
      expect((await run(workspace, options)).error).toMatchObject({ code: 'check-failed' })
    })
  )

  test('checks again where the sources of a dirty tree are others than before', () =>
    inRepository({ ...files, 'node_modules/x': '' }, async (workspace) => {
      await write(workspace, { 'libs/one/src/one.ts': 'export const one = 2\n' })
      await passed(workspace)
      expect((await run(workspace)).error).toBeUndefined()
      await write(workspace, { 'libs/one/src/one.ts': 'export const one = 3\n' })
      expect((await run(workspace)).error).toMatchObject({ code: 'check-failed' })
    }))
})

import { describe, expect, test } from '@jest/globals'
import { tmpdir } from 'node:os'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { selectTarget } from './select-target.ts'
import type { DeploymentTarget } from './target.ts'

function select(environment: Readonly<Record<string, string>>): Promise<DeploymentTarget> {
  return selectTarget({
    workspace: tmpdir(),
    environment: readPipelineEnvironment(environment),
    signal: new AbortController().signal,
    report: () => undefined
  })
}

describe('selectTarget', () => {
  test('takes this machine where no registry is named', async () => {
    expect((await select({})).name).toBe('local')
  })
})

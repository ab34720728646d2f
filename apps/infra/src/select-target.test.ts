import { describe, expect, test } from '@jest/globals'
import { tmpdir } from 'node:os'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { selectTarget } from './select-target.ts'
import type { DeploymentTarget } from './target.ts'

function select(environment: Readonly<Record<string, string>>): DeploymentTarget {
  return selectTarget({
    workspace: tmpdir(),
    environment: readPipelineEnvironment(environment),
    signal: new AbortController().signal,
    report: () => undefined
  })
}

describe('selectTarget', () => {
  test('takes this machine where no registry is named', () => {
    expect(select({}).name).toBe('local')
  })

  test('says that AWS is not supported yet where one is, before anything is done', () => {
    expect(() => select({ ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com' })).toThrow(
      expect.objectContaining({ code: 'target-unsupported', remedy: expect.stringContaining('ECR_REGISTRY') })
    )
  })
})

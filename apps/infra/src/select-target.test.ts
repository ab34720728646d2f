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

  test('takes AWS where one of ECR is', async () => {
    const { name } = await select({ ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com' })
    expect(name).toBe('aws')
  })

  test('names everything that says no place on AWS, before anything is asked', async () => {
    await expect(select({ ECR_REGISTRY: 'registry.example.org' })).rejects.toMatchObject({
      code: 'invalid-environment',
      message: expect.stringContaining('not the host of an ECR registry')
    })
    await expect(
      select({
        ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
        CDK_DEFAULT_REGION: 'eu-west-1',
        CDK_DEFAULT_ACCOUNT: '210987654321'
      })
    ).rejects.toMatchObject({
      message: expect.stringMatching(/CDK_DEFAULT_REGION is eu-west-1.*\nCDK_DEFAULT_ACCOUNT is 210987654321/)
    })
  })
})

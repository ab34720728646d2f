import { describe, expect, test } from '@jest/globals'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { requirePlace } from './account.ts'

const ECR_REGISTRY = '123456789012.dkr.ecr.us-east-1.amazonaws.com'

function place(variables: Readonly<Record<string, string>>) {
  return requirePlace(readPipelineEnvironment(variables))
}

describe('the place on AWS', () => {
  test('is that of the registry', () => {
    expect(place({ ECR_REGISTRY })).toEqual({ account: '123456789012', region: 'us-east-1' })
  })

  test('is none where the registry is not one of ECR', () => {
    expect(() => place({ ECR_REGISTRY: 'registry.example.org' })).toThrow(
      expect.objectContaining({
        code: 'invalid-environment',
        message: expect.stringContaining('not the host of an ECR registry')
      })
    )
  })
})

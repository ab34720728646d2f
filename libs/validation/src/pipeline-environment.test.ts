import { describe, expect, test } from '@jest/globals'
import { deploymentTarget, readPipelineEnvironment } from './pipeline-environment.ts'

describe('the environment of the pipeline', () => {
  test('is all defaults where nothing is set', () => {
    expect(readPipelineEnvironment({})).toEqual({ ECR_REPOSITORY: 'quilt-mcp', LOCAL_HTTPS_PORT: 8443 })
  })

  test('takes the variables of the specification', () => {
    const given = {
      ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
      ECR_REPOSITORY: 'quilt-mcp',
      CDK_DEFAULT_ACCOUNT: '123456789012',
      CDK_DEFAULT_REGION: 'us-east-1',
      VPC_ID: 'vpc-12345678'
    }
    expect(readPipelineEnvironment(given)).toMatchObject(given)
  })

  test.each([
    ['ECR_REGISTRY', 'https://123456789012.dkr.ecr.us-east-1.amazonaws.com'],
    ['ECR_REGISTRY', 'registry.example.org/quilt-mcp'],
    ['ECR_REGISTRY', 'registry.example.org:99999'],
    ['ECR_REPOSITORY', 'Quilt-MCP'],
    ['ECR_REPOSITORY', 'quilt-mcp:latest'],
    ['CDK_DEFAULT_ACCOUNT', '12345'],
    ['CDK_DEFAULT_REGION', 'Virginia'],
    ['VPC_ID', '12345678'],
    ['CONTAINER_ENGINE', 'rkt'],
    ['LOCAL_HTTPS_PORT', '0'],
    ['LOCAL_HTTPS_PORT', '70000'],
    ['LOCAL_HTTPS_PORT', 'https']
  ])('refuses %s=%s, and names both', (name, value) => {
    expect(() => readPipelineEnvironment({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid-environment',
        message: expect.stringContaining(`${name} is ${JSON.stringify(value)}; accepted: `)
      })
    )
  })
})

test('everything that is not accepted and everything that contradicts is said at once', () => {
  const given = {
    ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
    CDK_DEFAULT_ACCOUNT: '210987654321',
    CDK_DEFAULT_REGION: 'eu-west-1',
    DOMAIN_NAME: 'not a name',
    CERTIFICATE_ARN: 'arn:aws:acm:eu-west-1:123456789012:certificate/0',
    VPC_ID: '12345678',
    DATA_WRITE: 'true'
  }
  // That there is no name for the certificate is not said: the name is there, and wrong.
  expect(() => readPipelineEnvironment(given)).toThrow(
    expect.objectContaining({
      code: 'invalid-environment',
      message: expect.stringMatching(
        /^VPC_ID is .*\nDOMAIN_NAME is .*\nCDK_DEFAULT_REGION is eu-west-1, .*us-east-1.*\nCDK_DEFAULT_ACCOUNT is 210987654321, .*\nDATA_WRITE is true .*$/
      )
    })
  )
})

test.each([
  [{}, 'local'],
  [{ ECR_REGISTRY: '' }, 'local'],
  [{ ECR_REGISTRY: 'registry.example.org' }, 'aws']
])('the deployment target with %p is %s', (source, target) => {
  expect(deploymentTarget(readPipelineEnvironment(source))).toBe(target)
})

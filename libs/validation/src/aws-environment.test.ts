import { describe, expect, test } from '@jest/globals'
import { awsPlace } from './aws-environment.ts'
import { readPipelineEnvironment } from './pipeline-environment.ts'

const ECR_REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const certificate = 'arn:aws:acm:eu-west-1:123456789012:certificate/0123-abcd'

describe('the variables of the stack', () => {
  test('are all optional', () => {
    expect(Object.keys(readPipelineEnvironment({}))).toEqual(['ECR_REPOSITORY', 'LOCAL_HTTPS_PORT'])
  })

  test('give lists and objects, checked', () => {
    const environment = {
      DATA_BUCKETS: 'one-bucket, two.bucket',
      SERVER_ENVIRONMENT: '{"LOG_LEVEL":"debug"}'
    }
    expect(readPipelineEnvironment(environment)).toMatchObject({
      DATA_BUCKETS: ['one-bucket', 'two.bucket'],
      SERVER_ENVIRONMENT: { LOG_LEVEL: 'debug' }
    })
  })

  test.each([
    ['STAGE', 'Prod'],
    ['CERTIFICATE_ARN', 'arn:aws:iam::123456789012:server-certificate/x'],
    ['DOMAIN_NAME', 'https://mcp.example.org'],
    ['HOSTED_ZONE_ID', 'example.org'],
    ['WAF', 'yes'],
    ['ALARM_TOPIC_ARN', 'topic'],
    ['ACCESS_LOG_BUCKET', 's3://bucket'],
    ['DATA_BUCKETS', 'UPPER'],
    ['SERVER_ENVIRONMENT', '{"a":1}'],
    ['SERVER_ENVIRONMENT', 'LOG_LEVEL=debug']
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => readPipelineEnvironment({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid-environment',
        message: expect.stringContaining(`${name} is `)
      })
    )
  })
})

describe('variables that contradict each other', () => {
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['a certificate without a name', { CERTIFICATE_ARN: certificate }, /DOMAIN_NAME is not/],
    ['a name without certificate or zone', { DOMAIN_NAME: 'a.example.org' }, /neither CERTIFICATE_ARN nor/],
    ['a zone without a name', { HOSTED_ZONE_ID: 'Z1' }, /no name to make/],
    [
      'a certificate of another region',
      {
        CERTIFICATE_ARN: certificate,
        DOMAIN_NAME: 'a.example.org',
        ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com'
      },
      /in eu-west-1, the stack in us-east-1/
    ],
    [
      'plain HTTP with a domain',
      { ALLOW_PLAIN_HTTP: 'true', DOMAIN_NAME: 'a.example.org', HOSTED_ZONE_ID: 'Z1' },
      /choose one/
    ],
    [
      'plain HTTP with authentication',
      { ALLOW_PLAIN_HTTP: 'true', SERVER_ENVIRONMENT: '{"AUTH":"oauth"}' },
      /tokens would travel in the clear/
    ],
    ['a firewall of CloudFront elsewhere', { WAF: 'true', ECR_REGISTRY }, /must be in us-east-1/],
    ['writing to nothing', { DATA_WRITE: 'true' }, /nothing to write to/]
  ])('%s', (_, environment, message) => {
    expect(() => readPipelineEnvironment(environment)).toThrow(message)
  })

  test('are all named at once', () => {
    const environment = { CERTIFICATE_ARN: certificate, DATA_WRITE: 'true' }
    expect(() => readPipelineEnvironment(environment)).toThrow(
      /CERTIFICATE_ARN is set.*\n.*DATA_WRITE is true/
    )
  })
})

test('account and region come from CDK_DEFAULT_*, else from the name of the registry, else stay open', () => {
  expect(awsPlace({ ECR_REGISTRY })).toEqual({ account: '123456789012', region: 'eu-west-1' })
  expect(awsPlace({ ECR_REGISTRY, CDK_DEFAULT_REGION: 'us-east-1' })).toMatchObject({ region: 'us-east-1' })
  expect(awsPlace({})).toEqual({ account: undefined, region: undefined })
})

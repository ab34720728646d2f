import { describe, expect, test } from '@jest/globals'
import { parseEcrHost, requireEcrHost } from './ecr.ts'

describe('the host of an ECR registry', () => {
  test.each([
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com', 'us-east-1', 'aws', false],
    ['123456789012.dkr.ecr.ap-southeast-4.amazonaws.com', 'ap-southeast-4', 'aws', false],
    ['000000000001.dkr.ecr-fips.us-west-2.amazonaws.com', 'us-west-2', 'aws', true],
    ['123456789012.dkr.ecr.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'aws-us-gov', false],
    ['123456789012.dkr.ecr-fips.us-gov-east-1.amazonaws.com', 'us-gov-east-1', 'aws-us-gov', true],
    ['123456789012.dkr.ecr.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1', 'aws-cn', false],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'aws-cn', false]
  ])('%s says region %s, partition %s, FIPS %p', (host, region, partition, fips) => {
    expect(parseEcrHost(host)).toEqual({ host, account: host.slice(0, 12), region, partition, fips })
    expect(requireEcrHost(host)).toEqual(parseEcrHost(host))
  })

  test.each([
    '',
    'registry.example.org',
    '127.0.0.1:5000',
    '12345678901.dkr.ecr.us-east-1.amazonaws.com',
    '1234567890123.dkr.ecr.us-east-1.amazonaws.com',
    '123456789012.dkr.ecr.amazonaws.com',
    '123456789012.dkr.ecr.useast1.amazonaws.com',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com.cn',
    '123456789012.dkr.ecr.cn-north-1.amazonaws.com',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com/quilt-mcp',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com:443',
    'https://123456789012.dkr.ecr.us-east-1.amazonaws.com',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example',
    'public.ecr.aws'
  ])('%p is none', (host) => {
    expect(parseEcrHost(host)).toBeUndefined()
    expect(() => requireEcrHost(host)).toThrow(
      expect.objectContaining({
        code: 'invalid-reference',
        message: expect.stringContaining(JSON.stringify(host))
      })
    )
  })
})

import { describe, expect, test } from '@jest/globals'
import { readConfig } from './config.ts'

describe('readConfig', () => {
  test('an empty environment gives the defaults', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8000,
      logLevel: 'info',
      registries: undefined,
      stack: undefined,
      sample: undefined,
      allowedHosts: undefined,
      allowedOrigins: undefined,
      maxBodyBytes: 5_242_880,
      maxJsonDepth: 64,
      maxReadBytes: 1_048_576,
      requestTimeoutSeconds: 30,
      shutdownSeconds: 10,
      version: 'development',
      revision: 'development'
    })
  })

  test('lists are separated by commas or blanks, hosts and origins are lower case', () => {
    const config = readConfig({
      QUILT_REGISTRIES: 's3://one, file:///two  s3://three',
      ALLOWED_HOSTS: 'Example.org,[::1]:8000,*',
      ALLOWED_ORIGINS: 'HTTPS://Example.org,null'
    })
    expect(config.registries?.map(({ uri }) => uri)).toEqual(['s3://one', 'file:///two', 's3://three'])
    expect(config.allowedHosts).toEqual(['example.org', '[::1]:8000', '*'])
    expect(config.allowedOrigins).toEqual(['https://example.org', 'null'])
  })

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['PORT', '1e3'],
    ['LOG_LEVEL', 'loud'],
    ['QUILT_REGISTRIES', 's3://bucket/path'],
    ['QUILT_REGISTRIES', ','],
    ['ALLOWED_HOSTS', 'https://example.org'],
    ['ALLOWED_ORIGINS', 'example.org'],
    ['ALLOWED_ORIGINS', 'https://example.org/path'],
    ['MAX_BODY_BYTES', '12'],
    ['MAX_JSON_DEPTH', '0'],
    ['MAX_READ_BYTES', '5 MB'],
    ['REQUEST_TIMEOUT_SECONDS', '0'],
    ['SHUTDOWN_SECONDS', '99999999999999']
  ])('%s=%s is an error that names both', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid-environment',
        message: expect.stringContaining(`${name} is ${JSON.stringify(value)}`)
      })
    )
  })
})

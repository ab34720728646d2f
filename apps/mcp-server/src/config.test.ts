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
      callTimeoutSeconds: 120,
      sendTimeoutSeconds: 30,
      streamSeconds: 3600,
      sessionMode: 'off',
      maxSessions: 1000,
      sessionIdleSeconds: 1800,
      shutdownSeconds: 10,
      maxHeaderBytes: 16_384,
      maxHeaders: 100,
      maxConnections: 10_000,
      maxConcurrentRequests: 1000,
      ratePerAddress: 1000,
      ratePerPrincipal: 500,
      proxyHops: 0,
      toolFilter: { readOnly: false },
      auth: { kind: 'none' },
      metricsPort: undefined,
      telemetryEndpoint: undefined,
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
    ['SHUTDOWN_SECONDS', '99999999999999'],
    ['MAX_HEADERS', '5'],
    ['RATE_PER_ADDRESS', '-1'],
    ['PROXY_HOPS', '11'],
    ['METRICS_PORT', 'any'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['AUTH', 'basic'],
    ['PUBLIC_URL', 'http://example.org'],
    ['PUBLIC_URL', 'https://example.org/mcp'],
    ['OAUTH_ISSUER', 'http://example.org'],
    ['OAUTH_CLOCK_SKEW_SECONDS', '301']
  ])('%s=%s is an error that names both', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid-environment',
        message: expect.stringContaining(`${name} is ${JSON.stringify(value)}`)
      })
    )
  })

  test('AUTH=oauth needs issuer and public address, and the audience is the endpoint where none is set', () => {
    const issuer = { AUTH: 'oauth', OAUTH_ISSUER: 'https://issuer.example/tenant/' }
    expect(() => readConfig({ AUTH: 'oauth', PUBLIC_URL: 'https://mcp.example' })).toThrow(
      expect.objectContaining({
        code: 'invalid-environment',
        message: expect.stringContaining('OAUTH_ISSUER')
      })
    )
    expect(() => readConfig(issuer)).toThrow(
      expect.objectContaining({ code: 'invalid-environment', message: expect.stringContaining('PUBLIC_URL') })
    )
    expect(readConfig({ ...issuer, PUBLIC_URL: 'https://mcp.example/' }).auth).toEqual({
      kind: 'oauth',
      resource: 'https://mcp.example/mcp',
      oauth: {
        issuer: 'https://issuer.example/tenant/',
        audience: 'https://mcp.example/mcp',
        keysUrl: undefined,
        keysSeconds: 600,
        rotationSeconds: 30,
        clockSkewSeconds: 30
      }
    })
  })

  test('an issuer on this machine may speak http', () => {
    const { auth } = readConfig({
      AUTH: 'oauth',
      PUBLIC_URL: 'http://127.0.0.1:8000',
      OAUTH_ISSUER: 'http://localhost:9000',
      OAUTH_AUDIENCE: 'quilt'
    })
    expect(auth).toMatchObject({ oauth: { issuer: 'http://localhost:9000', audience: 'quilt' } })
  })
})

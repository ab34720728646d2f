import { describe, expect, test } from '@jest/globals'
import { registryUri } from './registry-uri.ts'

describe('registryUri', () => {
  test.each([
    ['s3://bucket', 's3://bucket'],
    ['s3://my.bucket-1/', 's3://my.bucket-1'],
    ['file:///data/registry', 'file:///data/registry'],
    ['file:///data/registry//', 'file:///data/registry'],
    ['file:///data/a%20b', 'file:///data/a%20b'],
    ['file:///data/a b', 'file:///data/a%20b']
  ])('reads %s as %s', (text, uri) => {
    expect(registryUri(text)).toBe(uri)
  })

  test.each([
    '',
    'bucket',
    's3://',
    's3://bucket/path',
    's3://UPPER',
    'file://host/data',
    'file:///',
    'file:///data?query',
    'file:///data#fragment',
    'https://example.org',
    'file:data'
  ])('refuses %j', (text) => {
    expect(registryUri(text)).toBeUndefined()
  })
})

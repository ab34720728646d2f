import { describe, expect, test } from '@jest/globals'
import { registrySetting } from './registry-setting.ts'

describe('a registry of QUILT_REGISTRIES', () => {
  test('without options is written to, and reached as the environment says', () => {
    expect(registrySetting('s3://bucket')).toEqual({
      uri: 's3://bucket',
      readOnly: false,
      access: undefined
    })
    expect(registrySetting('file:///data/')).toEqual({
      uri: 'file:///data',
      readOnly: false,
      access: undefined
    })
  })

  test('can be marked read-only', () => {
    expect(registrySetting('file:///data?readonly')).toMatchObject({ uri: 'file:///data', readOnly: true })
    expect(registrySetting('s3://bucket/?readonly')).toMatchObject({ uri: 's3://bucket', readOnly: true })
  })

  test('in a bucket can have its own way', () => {
    expect(registrySetting('s3://public?readonly&anonymous&region=us-west-2')).toEqual({
      uri: 's3://public',
      readOnly: true,
      access: { anonymous: true, region: 'us-west-2' }
    })
    expect(registrySetting('s3://ours?profile=research-lab')?.access).toEqual({
      anonymous: false,
      profile: 'research-lab'
    })
    expect(registrySetting('s3://ours?endpoint=http://127.0.0.1:9000')?.access).toEqual({
      anonymous: false,
      endpoint: 'http://127.0.0.1:9000'
    })
  })

  test.each([
    'https://example.org',
    's3://bucket/path',
    's3://bucket?read-only',
    's3://bucket?readonly&readonly',
    's3://bucket?readonly=yes',
    's3://bucket?region=',
    's3://bucket?region=US EAST',
    's3://bucket?endpoint=127.0.0.1',
    's3://bucket?anonymous&profile=x',
    's3://bucket?secret=x',
    'file:///data?anonymous',
    'file:///data?region=us-east-1'
  ])('%s is none', (text) => {
    expect(registrySetting(text)).toBeUndefined()
  })
})

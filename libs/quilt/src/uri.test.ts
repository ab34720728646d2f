import { describe, expect, test } from '@jest/globals'
import { formatQuiltUri, parseQuiltUri, type QuiltUri } from './uri.ts'

const hash = 'ab'.repeat(32)
const bare: QuiltUri = {
  registry: 's3://bucket',
  packageName: 'user/pkg',
  hash: undefined,
  tag: undefined,
  path: undefined,
  catalog: undefined
}

describe('a package address', () => {
  test.each([
    ['quilt+s3://bucket#package=user/pkg', bare],
    ['quilt+s3://bucket/#package=user%2Fpkg', bare],
    [`quilt+s3://bucket#package=user/pkg@${hash}`, { ...bare, hash }],
    ['quilt+s3://bucket#package=user/pkg@abcdef', { ...bare, hash: 'abcdef' }],
    ['quilt+s3://bucket#package=user/pkg:latest', { ...bare, tag: 'latest' }],
    [
      'quilt+s3://bucket#package=user/pkg:1700000000&path=a%20b/c',
      { ...bare, tag: '1700000000', path: 'a b/c' }
    ],
    [
      'quilt+s3://bucket#package=user/pkg&path=a/&catalog=open.example.com',
      { ...bare, path: 'a/', catalog: 'open.example.com' }
    ],
    ['quilt+file:///srv/registry#package=user/pkg', { ...bare, registry: 'file:///srv/registry' }],
    ['quilt+file://localhost/srv/registry/#package=user/pkg', { ...bare, registry: 'file:///srv/registry' }]
  ])('%s is read, and written so that it is read again', (text, expected) => {
    const uri = parseQuiltUri(text)
    expect(uri).toEqual(expected)
    expect(parseQuiltUri(formatQuiltUri(uri))).toEqual(expected)
  })

  test.each(['v 1', 'é', 'a&b=c', '100%', 'a#b', 'v+1', '...', 'a\nb', '😀'])(
    'with the tag %j is written so that it is read again',
    (tag) => {
      expect(parseQuiltUri(formatQuiltUri({ ...bare, tag }))).toEqual({ ...bare, tag })
    }
  )

  test.each(['', '.', '..', 'a/b', 'a@b', 'a:b', 'a\0'])('is not written with the tag %j', (tag) => {
    expect(() => formatQuiltUri({ ...bare, tag })).toThrow(expect.objectContaining({ code: 'invalid-uri' }))
    expect(() => parseQuiltUri(`quilt+s3://bucket#package=user/pkg:${encodeURIComponent(tag)}`)).toThrow(
      expect.objectContaining({ code: 'invalid-uri' })
    )
  })

  test.each([
    ['s3://bucket#package=user/pkg', 'does not start with'],
    ['quilt+s3://#package=user/pkg', 'names no bucket'],
    ['quilt+s3://[#package=user/pkg', 'not a valid address'],
    ['quilt+s3://bucket/folder#package=user/pkg', 'a registry is a whole bucket'],
    ['quilt+s3://bucket?x=1#package=user/pkg', 'query'],
    ['quilt+s3://bucket', 'unknown part'],
    ['quilt+s3://bucket#path=a', 'names no package'],
    ['quilt+s3://bucket#package=', 'empty package'],
    ['quilt+s3://bucket#package=user/pkg&package=a/b', 'twice'],
    ['quilt+s3://bucket#package=user/pkg&color=red', 'unknown part'],
    [`quilt+s3://bucket#package=user/pkg@${hash}:latest`, 'both a hash and a tag'],
    ['quilt+s3://bucket#package=user/pkg@abc', 'expected 6 to 64'],
    ['quilt+s3://bucket#package=user/pkg@ABCDEF', 'expected 6 to 64'],
    ['quilt+s3://bucket#package=user/pkg:', 'for a tag'],
    ['quilt+s3://bucket#package=user/pkg:a/b', 'for a tag'],
    ['quilt+s3://bucket#package=user/pkg&path=../x', 'no logical key'],
    ['quilt+s3://bucket#package=user/pkg&path=a//b', 'no logical key'],
    ['quilt+file://host/srv#package=user/pkg', 'names a host'],
    ['quilt+file:///#package=user/pkg', 'no absolute folder']
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseQuiltUri(text)).toThrow(
      expect.objectContaining({ code: 'invalid-uri', message: expect.stringContaining(message) })
    )
  })

  test('with a bad package name is refused by name', () => {
    expect(() => parseQuiltUri('quilt+s3://bucket#package=pkg')).toThrow(
      expect.objectContaining({ code: 'invalid-package-name' })
    )
  })
})

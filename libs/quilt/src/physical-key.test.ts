import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { formatPhysicalKey, localPhysicalKey, parsePhysicalKey } from './physical-key.ts'

describe('a physical key', () => {
  test.each([
    ['s3://b/a?versionId=a+b%2B', { bucket: 'b', key: 'a', versionId: 'a b+' }],
    ['s3://b/a?version%49d=x', { bucket: 'b', key: 'a', versionId: 'x' }],
    [' \u0001s3://b/a', { bucket: 'b', key: 'a', versionId: undefined }],
    ['s3://b?versionId=x', { bucket: 'b', key: '', versionId: 'x' }],
    ['s3://b/%e2%82é%ac', { bucket: 'b', key: '\ufffdé\ufffd', versionId: undefined }],
    ['s3://[v1.x]/a', { bucket: '[v1.x]', key: 'a', versionId: undefined }]
  ])('%j is read as the Python client does', (url, expected) => {
    expect(parsePhysicalKey(url)).toEqual({ kind: 's3', ...expected })
  })

  test.each([
    ['s3://a]b/c', 'Invalid IPv6 URL'],
    ['s3://x[::1]/c', 'Invalid IPv6 URL'],
    ['s3://[1.2.3.4]/c', 'Invalid IPv6 URL'],
    ['s3://a\u2100b/c', 'invalid characters under NFKC normalization'],
    ['file://host/a', 'Unexpected hostname'],
    ['file://localhost', 'Missing path'],
    ['file:', 'Missing path'],
    ['file:///a%00b', 'NUL'],
    ['file:///\ud800', 'surrogate'],
    ['file:///a\udc80\udc7f', 'surrogate'],
    ['1s3://b/a', "Unexpected scheme: ''"]
  ])('%j is refused: %s', (url, message) => {
    expect(() => parsePhysicalKey(url)).toThrow(
      expect.objectContaining({ code: 'invalid-physical-key', message: expect.stringContaining(message) })
    )
  })

  test.each([
    ['file:///a\udc80', 'file:///a%80'],
    ['file:///\udcff\udc81é b/c/', 'file:///%FF%81%C3%A9%20b/c'],
    ['file:///💀', 'file:///%F0%9F%92%80']
  ])('a byte of a file name that is no UTF-8 is kept: %j', (url, written) => {
    expect(formatPhysicalKey(parsePhysicalKey(url))).toBe(written)
  })

  test('with half a surrogate pair cannot be written', () => {
    for (const part of ['key', 'versionId'] as const) {
      const key = { kind: 's3', bucket: 'b', key: 'k', versionId: 'v', [part]: '\ud800' } as const
      expect(() => formatPhysicalKey(key)).toThrow(expect.objectContaining({ code: 'json-not-encodable' }))
    }
  })

  test('of a local file has its links resolved', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'quilt-key-'))
    const real = path.join(folder, 'real file')
    const link = path.join(folder, 'link')
    await writeFile(real, 'x')
    await symlink(real, link)
    const key = await localPhysicalKey(link)
    expect(key).toEqual(await localPhysicalKey(real))
    expect(formatPhysicalKey(key)).toMatch(/^file:\/\/\/.*real%20file$/)
    await expect(localPhysicalKey(path.join(folder, 'none'))).rejects.toMatchObject({
      code: 'object-not-found'
    })
    await rm(folder, { recursive: true })
  })
})

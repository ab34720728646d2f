import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { goldenContent, hashInPieces } from '../../test/checksums.ts'
import { goldenRows } from '../../test/golden.ts'
import { createEntry } from '../entry.ts'
import { hashTypes } from '../types.ts'
import { chunkCountFor, chunkSizeFor, isMultipart, minChunkSize } from './chunk-size.ts'
import { checksumFromS3, chunkedFromWhole } from './from-s3.ts'
import { checkHashType, combineChunkDigests, createHasher } from './hasher.ts'
import { verified } from './verify.ts'

describe('checksums', () => {
  // the larger ones are in checksums.integration.test.ts
  const rows = goldenRows('vectors/checksums.json').filter((row) => row.number('size') <= minChunkSize)
  const largest = goldenContent(minChunkSize)

  test.each(rows.map((row) => [row.number('size'), row] as const))(
    'of %i bytes are those of the Python client',
    (size, row) => {
      for (const type of hashTypes)
        expect(hashInPieces(type, largest.subarray(0, size), 1_000_003)).toEqual({
          type,
          value: row.text(type)
        })
    }
  )

  test('the CRC of the standard check text is the published one', () => {
    const hasher = createHasher('CRC64NVME', 9)
    hasher.update(Buffer.from('123456789'))
    expect(Buffer.from(hasher.digest().value, 'base64').toString('hex')).toBe('ae8b14860a799888')
  })

  test('chunks double until there are at most 10,000', () => {
    for (const row of goldenRows('vectors/chunksize.json')) {
      const size = row.number('size')
      expect([chunkSizeFor(size), chunkCountFor(size), isMultipart(size)]).toEqual([
        row.number('chunksize'),
        row.number('parts'),
        row.flag('is_mpu')
      ])
    }
  })

  test('a chunked checksum is made of the digests of its chunks', () => {
    const bytes = Buffer.alloc(minChunkSize + 1, 'chunk')
    const digests = [bytes.subarray(0, minChunkSize), bytes.subarray(minChunkSize)].map((chunk) =>
      createHash('sha256').update(chunk).digest()
    )
    const hasher = createHasher('sha2-256-chunked', bytes.length)
    hasher.update(bytes)
    expect(combineChunkDigests(Buffer.concat(digests))).toEqual(hasher.digest())
  })

  test('a chunked checksum of another size than announced is refused', () => {
    const hasher = createHasher('sha2-256-chunked', 2)
    hasher.update(Buffer.from('a'))
    expect(() => hasher.digest()).toThrow(expect.objectContaining({ code: 'size-mismatch' }))
  })

  test('an unknown type is refused by name', () => {
    expect(() => checkHashType('MD5')).toThrow('Unsupported hash type: "MD5"')
    expect(checkHashType('SHA256')).toBe('SHA256')
  })
})

describe('checksums of S3', () => {
  const digest = 'ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='

  test('of a small object is hashed once more, except of an empty one', () => {
    for (const row of goldenRows('vectors/s3_simple_checksum.json')) {
      expect(chunkedFromWhole(row.text('s3_ChecksumSHA256')).value).toBe(row.text('quilt'))
      expect(checksumFromS3({ size: 1, sha256: row.text('s3_ChecksumSHA256') })?.value).toBe(
        row.text('quilt')
      )
    }
  })

  test('of an object in parts is used where the parts are the chunks', () => {
    const size = 2 * minChunkSize + 1
    const sha256 = `${digest}-3`
    expect(checksumFromS3({ size, sha256, partSize: minChunkSize })?.value).toBe(digest)
    expect(checksumFromS3({ size: minChunkSize, sha256: `${digest}-1` })?.value).toBe(digest)
    expect(checksumFromS3({ size, sha256, partSize: minChunkSize - 1 })).toBeUndefined()
    expect(checksumFromS3({ size, sha256 })).toBeUndefined()
    expect(checksumFromS3({ size, sha256: `${digest}-2`, partSize: minChunkSize })).toBeUndefined()
  })

  test('is not used where it says nothing', () => {
    expect(checksumFromS3({ size: 1, sha256: undefined })).toBeUndefined()
    expect(checksumFromS3({ size: 1, sha256: 'rubbish' })).toBeUndefined()
    expect(checksumFromS3({ size: minChunkSize, sha256: digest })).toBeUndefined()
  })
})

describe('verified bytes', () => {
  const hasher = createHasher('SHA256', 6)
  hasher.update(Buffer.from('abcdef'))
  const entry = createEntry({
    logicalKey: 'a',
    physicalKey: { kind: 's3', bucket: 'b', key: 'a', versionId: undefined },
    size: 6,
    hash: hasher.digest()
  })
  const read = async (...pieces: string[]): Promise<string> =>
    Buffer.concat(
      await Array.fromAsync(
        verified(
          entry,
          pieces.map((piece) => Buffer.from(piece))
        )
      )
    ).toString()

  test('pass on when they are right', async () => {
    expect(await read('abc', 'def')).toBe('abcdef')
    expect(await read('abcdef')).toBe('abcdef')
  })

  test.each([
    ['other bytes', ['abc', 'xyz'], 'hash-mismatch'],
    ['too few', ['abc'], 'size-mismatch'],
    ['too many', ['abcdef', 'g'], 'size-mismatch']
  ] as const)('fail on %s', async (_, pieces, code) => {
    await expect(read(...pieces)).rejects.toMatchObject({ code, key: 'a' })
  })

  test('need an entry with a known hash', async () => {
    const bare = { ...entry, hash: undefined, size: 6, logicalKey: 'a' }
    await expect(Array.fromAsync(verified(bare, []))).rejects.toMatchObject({ code: 'entry-incomplete' })
    const odd = { ...entry, hash: { type: 'MD5', value: '' }, size: 6, logicalKey: 'a' }
    await expect(Array.fromAsync(verified(odd, []))).rejects.toMatchObject({ code: 'unsupported-hash' })
  })
})

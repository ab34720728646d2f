import { expect } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { checksumFromS3 } from '../../src/checksums/from-s3.ts'
import { chunkSizeFor } from '../../src/checksums/chunk-size.ts'
import { createHasher } from '../../src/checksums/hasher.ts'
import type { S3Store } from '../../src/store/s3-store.ts'
import type { S3Server } from './server.ts'

/** Writes an object of `size` bytes in each way there is, and expects the checksums that the server then tells to give that of the format. */
export async function expectChecksumsOfFormat(server: S3Server, store: S3Store, size: number): Promise<void> {
  const content = Buffer.alloc(size, 'quilt')
  const hasher = createHasher('sha2-256-chunked', size)
  hasher.update(content)
  const expected = hasher.digest()
  const folder = await mkdtemp(join(tmpdir(), 's3-store-'))
  await writeFile(join(folder, 'file'), content)
  const stream = (async function* () {
    for (let at = 0; at < size; at += 3_000_000) yield content.subarray(at, at + 3_000_000)
  })()
  const results = {
    bytes: await store.put('bytes', content),
    file: await store.put('file', { file: join(folder, 'file') }),
    stream: await store.put('stream', { stream, size }),
    copy: await store.copy({ store: store.uri, key: 'file' }, 'copy')
  }
  await rm(folder, { recursive: true })
  for (const [key, { checksums }] of Object.entries(results)) {
    expect(checksumFromS3({ size, sha256: checksums.sha256, partSize: chunkSizeFor(size) })).toEqual(expected)
    expect((await store.head(key))?.checksums).toEqual(checksums)
    expect(server.buckets.find('lab', key)?.body.equals(content)).toBe(true)
  }
  expect(server.openUploads).toBe(0)
}

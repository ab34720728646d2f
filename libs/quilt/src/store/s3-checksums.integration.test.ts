import { afterAll, beforeAll, expect, test } from '@jest/globals'

import { expectChecksumsOfFormat } from '../../test/s3/checksums.ts'
import { S3Server } from '../../test/s3/server.ts'
import { createS3Client } from './s3-client.ts'
import { S3Store } from './s3-store.ts'

const mebibyte = 1024 * 1024
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
let server: S3Server
let client: ReturnType<typeof createS3Client>

beforeAll(async () => {
  server = await S3Server.start()
  server.buckets.create('lab')
  client = createS3Client({ endpoint: server.endpoint, credentials })
})
afterAll(async () => {
  client.destroy()
  await server.stop()
})

test.each([8 * mebibyte - 1, 8 * mebibyte, 8 * mebibyte + 1, 16 * mebibyte, 20 * mebibyte])(
  'checksums of an object of %i bytes are those of the format, for bytes, files, streams and copies',
  async (size) => {
    const store = new S3Store(client, 'lab')
    await expectChecksumsOfFormat(server, store, size)
    expect((await store.list()).items).toHaveLength(4)
  }
)

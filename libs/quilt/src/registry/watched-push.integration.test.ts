import { expect, test } from '@jest/globals'

import { S3Server } from '../../test/s3/server.ts'
import { openRegistry } from './open-registry.ts'
import type { EntryProgress } from './package-writer.ts'

test('a push tells of every part that goes to S3', async () => {
  const s3 = await S3Server.start()
  s3.buckets.create('lab')
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const bucket = openRegistry('s3://lab', { s3: { endpoint: s3.endpoint, credentials } })
  const seen: EntryProgress[] = []
  const size = 20 * 1024 ** 2
  await bucket
    .newPackage()
    .set('big', Buffer.alloc(size))
    .push('u/p', { onProgress: (progress) => void seen.push(progress) })
  expect(seen).toHaveLength(4)
  expect(seen.at(-2)).toEqual({ logicalKey: 'big', bytes: size, isDone: false })
  expect(seen.at(-1)).toEqual({ logicalKey: 'big', bytes: size, isDone: true })
  await bucket.close()
  await s3.stop()
})

import { createS3Client, type S3Options } from './s3-client.ts'
import { S3Stores } from './s3-stores.ts'

/** The buckets that can be reached in one way. Loaded when it is first needed: the AWS SDK takes its time. */
export function openS3Stores(options: S3Options): S3Stores {
  return new S3Stores(createS3Client(options))
}

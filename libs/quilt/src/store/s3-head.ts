import { HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3'

import { isQuiltError } from '../error.ts'
import type { ObjectChecksums, ObjectHead, ReadOptions } from './object-store.ts'
import type { S3Requests } from './s3-requests.ts'

/** What S3 says of an object without reading it; undefined where there is none. */
export async function headObject(
  requests: S3Requests,
  key: string,
  options: ReadOptions
): Promise<ObjectHead | undefined> {
  try {
    const found = await requests.send(key, options, (abort) =>
      requests.client.send(
        new HeadObjectCommand({ ...inputOf(requests, key, options), ChecksumMode: 'ENABLED' }),
        abort
      )
    )
    return headOf(key, found)
  } catch (error) {
    if (isQuiltError(error, 'object-not-found')) return undefined
    throw error
  }
}

/** How a request names an object. */
export function inputOf(
  { bucket }: S3Requests,
  key: string,
  { versionId }: ReadOptions
): { Bucket: string; Key: string; VersionId?: string } {
  return { Bucket: bucket, Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) }
}

function headOf(key: string, found: HeadObjectCommandOutput): ObjectHead {
  const checksums: ObjectChecksums = {
    ...(found.ChecksumSHA256 === undefined ? {} : { sha256: found.ChecksumSHA256 }),
    ...(found.ChecksumCRC64NVME === undefined ? {} : { crc64nvme: found.ChecksumCRC64NVME })
  }
  return {
    key,
    size: found.ContentLength ?? 0,
    modified: found.LastModified ?? new Date(0),
    etag: found.ETag ?? '',
    ...versionOf(found.VersionId),
    checksums,
    ...(found.ContentType === undefined ? {} : { contentType: found.ContentType }),
    ...(Object.keys(found.Metadata ?? {}).length === 0 ? {} : { metadata: { ...found.Metadata } })
  }
}

/** A version id as an optional field. */
export function versionOf(versionId: string | undefined): { readonly versionId?: string } {
  return versionId === undefined ? {} : { versionId }
}

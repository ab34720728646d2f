import { ListObjectsV2Command, ListObjectVersionsCommand } from '@aws-sdk/client-s3'

import type { CallOptions, Page } from '../types.ts'
import type { ListedObject, ListOptions, ObjectVersion } from './object-store.ts'
import type { S3Requests } from './s3-requests.ts'

/** A page of the objects whose keys begin alike. */
export async function listObjects(requests: S3Requests, options: ListOptions): Promise<Page<ListedObject>> {
  const { prefix = '', after, limit = 1000 } = options
  const found = await requests.send(prefix, options, (abort) =>
    requests.client.send(
      new ListObjectsV2Command({
        Bucket: requests.bucket,
        Prefix: prefix,
        MaxKeys: Math.min(limit, 1000),
        EncodingType: 'url',
        ...(after === undefined ? {} : { StartAfter: after })
      }),
      abort
    )
  )
  const decode = decoder(found.EncodingType)
  const items = (found.Contents ?? []).map((object) => ({
    key: decode(object.Key ?? ''),
    size: object.Size ?? 0,
    modified: object.LastModified ?? new Date(0),
    etag: object.ETag ?? ''
  }))
  return { items, next: found.IsTruncated === true ? items.at(-1)?.key : undefined }
}

/** The names between a prefix and the next slash of all keys that have one there. */
export async function listFolders(
  requests: S3Requests,
  prefix: string,
  options: CallOptions
): Promise<readonly string[]> {
  const names: string[] = []
  let token: string | undefined
  do {
    const found = await requests.send(prefix, options, (abort) =>
      requests.client.send(
        new ListObjectsV2Command({
          Bucket: requests.bucket,
          Prefix: prefix,
          Delimiter: '/',
          EncodingType: 'url',
          ...(token === undefined ? {} : { ContinuationToken: token })
        }),
        abort
      )
    )
    const decode = decoder(found.EncodingType)
    for (const { Prefix = '' } of found.CommonPrefixes ?? [])
      names.push(decode(Prefix).slice(prefix.length, -1))
    token = found.NextContinuationToken
  } while (token !== undefined)
  return names
}

/** The versions of one object and its delete markers, the newest first. */
export async function listVersions(
  requests: S3Requests,
  key: string,
  options: CallOptions
): Promise<readonly ObjectVersion[]> {
  const versions: ObjectVersion[] = []
  let marker: { readonly KeyMarker: string; readonly VersionIdMarker?: string } | undefined
  do {
    const found = await requests.send(key, options, (abort) =>
      requests.client.send(
        new ListObjectVersionsCommand({
          Bucket: requests.bucket,
          Prefix: key,
          EncodingType: 'url',
          ...marker
        }),
        abort
      )
    )
    const decode = decoder(found.EncodingType)
    const deleted = (found.DeleteMarkers ?? []).map((each) => ({
      ...each,
      deleted: true,
      Size: 0,
      ETag: ''
    }))
    for (const each of [...(found.Versions ?? []).map((item) => ({ ...item, deleted: false })), ...deleted])
      if (decode(each.Key ?? '') === key)
        versions.push({
          key,
          size: each.Size ?? 0,
          modified: each.LastModified ?? new Date(0),
          etag: each.ETag ?? '',
          versionId: each.VersionId,
          latest: each.IsLatest === true,
          deleted: each.deleted
        })
    const next = found.IsTruncated === true ? decode(found.NextKeyMarker ?? '') : ''
    // Other keys that begin alike come behind the one that was asked for.
    marker = next === key ? { KeyMarker: next, ...markerOf(found.NextVersionIdMarker) } : undefined
  } while (marker !== undefined)
  return versions.sort(
    (a, b) => Number(b.latest) - Number(a.latest) || b.modified.getTime() - a.modified.getTime()
  )
}

function markerOf(versionId: string | undefined): { readonly VersionIdMarker?: string } {
  return versionId === undefined ? {} : { VersionIdMarker: versionId }
}

/** Decodes keys of a list that was asked for with EncodingType url, which keeps control characters out of the XML. */
function decoder(encoding: string | undefined): (key: string) => string {
  return encoding === 'url' ? (key) => decodeURIComponent(key.replaceAll('+', ' ')) : (key) => key
}

import type { Buckets } from './buckets.ts'

/** An element with children that hold text. */
export function keyedXml(name: string, children: Readonly<Record<string, string>>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, children)}`
}

/** The answer to ListObjectsV2. */
export function listXml(buckets: Buckets, bucket: string, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter')
  const name = encoder(query)
  const after = Buffer.from(query.get('continuation-token') ?? query.get('start-after') ?? '')
  const limit = Number(query.get('max-keys') ?? 1000)
  const found = buckets
    .keys(bucket)
    .filter((key) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), after) > 0)
  const page = found.slice(0, limit)
  const parts = page.map((key) => {
    const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length)
    if (end !== -1) return element('CommonPrefixes', { Prefix: name(key.slice(0, end + 1)) })
    const object = buckets.find(bucket, key)
    return element('Contents', {
      Key: name(key),
      Size: String(object?.body.length),
      ETag: object?.etag ?? '',
      LastModified: object?.modified.toISOString() ?? ''
    })
  })
  const more = found.length > page.length
  const token = more ? `<NextContinuationToken>${text(page.at(-1) ?? '')}</NextContinuationToken>` : ''
  return list('ListBucketResult', [...new Set(parts)], more, token, query)
}

/** The answer to ListObjectVersions: all of them on one page for each key. */
export function versionsXml(buckets: Buckets, bucket: string, query: URLSearchParams): string {
  const name = encoder(query)
  const prefix = query.get('prefix') ?? ''
  const parts = buckets
    .keys(bucket, { all: true })
    .filter((key) => key.startsWith(prefix))
    .flatMap((key) =>
      buckets
        .versions(bucket, key)
        .map((version, index, { length }) =>
          element(version.deleted ? 'DeleteMarker' : 'Version', {
            Key: name(key),
            VersionId: version.versionId ?? 'null',
            IsLatest: String(index === length - 1),
            Size: String(version.body.length),
            ETag: version.etag,
            LastModified: version.modified.toISOString()
          })
        )
        .reverse()
    )
  return list('ListVersionsResult', parts, false, '', query)
}

function list(
  name: string,
  parts: readonly string[],
  more: boolean,
  rest: string,
  query: URLSearchParams
): string {
  const encoding = query.get('encoding-type') === 'url' ? '<EncodingType>url</EncodingType>' : ''
  return `<${name}>${encoding}<IsTruncated>${String(more)}</IsTruncated>${parts.join('')}${rest}</${name}>`
}

/** How names are written: plain, or as the request asked for. */
function encoder(query: URLSearchParams): (name: string) => string {
  if (query.get('encoding-type') !== 'url') return (name) => name
  return (name) => encodeURIComponent(name).replaceAll('%20', '+')
}

function element(name: string, children: Readonly<Record<string, string>>): string {
  const inner = Object.entries(children).map(([key, value]) => `<${key}>${text(value)}</${key}>`)
  return `<${name}>${inner.join('')}</${name}>`
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

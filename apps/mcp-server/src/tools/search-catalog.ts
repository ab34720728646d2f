import { formatPhysicalKey } from '@fast-mcp/quilt'
import type { Backend, CatalogHit } from '../backends/backend.ts'
import type { ServedRegistry } from '../registries.ts'
import type { Answer, Facet, Result, SearchArguments } from './search-answer.ts'
import type { ToolContext } from './tool.ts'
import { shownKey, visibleText } from './visible.ts'

/** What the stack's own index finds in the bucket of the registry; without one in all that the caller may use. */
export async function searchCatalog(
  search: SearchArguments,
  registry: ServedRegistry | undefined,
  ask: NonNullable<Backend['search']>,
  context: ToolContext
): Promise<Answer> {
  const { min_size: minBytes, max_size: maxBytes, modified_after: modifiedAfter } = search
  const { package: name, prefix, extension, cursor } = search
  const found = await ask(
    {
      scope: search.in,
      text: search.query,
      limit: search.limit,
      ...(registry === undefined ? {} : { buckets: [registry.uri.replace('s3://', '')] }),
      ...(name === undefined ? {} : { package: name }),
      ...(prefix === undefined ? {} : { prefix }),
      ...(extension === undefined ? {} : { extensions: extension }),
      ...(minBytes === undefined ? {} : { minBytes }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(modifiedAfter === undefined ? {} : { modifiedAfter }),
      ...(cursor === undefined ? {} : { after: cursor })
    },
    context
  )
  const notes = [
    ...(found.totalIsExact ? [] : ['There are more matches than total says.']),
    ...(found.refused.length === 0 ? [] : [`Not searched: ${found.refused.join(', ')}.`])
  ]
  return {
    engine: 'elasticsearch',
    results: found.hits.map(describe),
    total: found.total,
    next: found.next,
    ...(search.facets
      ? { facets: { extension: copy(found.facets.extension), bucket: copy(found.facets.bucket) } }
      : {}),
    ...(notes.length === 0 ? {} : { note: notes.join(' ') })
  }
}

function copy(facet: readonly Readonly<Facet>[]): Facet[] {
  return facet.map(({ value, count }) => ({ value, count }))
}

function describe(hit: CatalogHit): Result {
  const size = 'size' in hit && hit.size !== undefined ? { size: hit.size } : {}
  switch (hit.kind) {
    case 'object': {
      const { bucket, key, versionId, modified } = hit
      return {
        kind: 'object',
        uri: formatPhysicalKey({ kind: 's3', bucket, key, versionId }),
        ...shownKey(key),
        ...size,
        ...(modified === undefined ? {} : { modified })
      }
    }
    case 'entry':
      return {
        kind: 'entry',
        package: hit.package,
        registry: `s3://${hit.bucket}`,
        ...(hit.topHash === undefined ? {} : { top_hash: hit.topHash }),
        path: hit.logicalKey,
        ...shownKey(hit.logicalKey),
        ...size
      }
    case 'package':
      return {
        kind: 'package',
        package: hit.package,
        registry: `s3://${hit.bucket}`,
        ...(hit.topHash === undefined ? {} : { top_hash: hit.topHash }),
        ...(hit.message === undefined ? {} : { message: visibleText(hit.message).slice(0, 300) }),
        ...(hit.modified === undefined ? {} : { modified: hit.modified }),
        ...(hit.files === undefined ? {} : { files: hit.files }),
        ...(hit.bytes === undefined ? {} : { bytes: hit.bytes })
      }
  }
}

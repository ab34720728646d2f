import { z } from 'zod'
import type { CatalogAnswer, CatalogHit, FacetCount } from '../backend.ts'

const text = z.string().nullish()
const count = z.number().nullish()

const objectSource = z.object({ key: z.string(), version_id: text, size: count, last_modified: text })
const pointerSource = z.object({ ptr_name: z.string(), ptr_last_modified: text })
const manifestSource = z.object({
  mnfst_hash: text,
  mnfst_message: text,
  mnfst_stats: z.object({ total_bytes: count, total_files: count }).nullish()
})
const entrySource = z.object({ entry_lk: z.string(), entry_pk: text, entry_size: count })

const innerHits = z.object({ hits: z.object({ hits: z.array(z.looseObject({ _source: z.unknown() })) }) })

const hitSchema = z.object({
  _index: z.string(),
  _source: z.unknown(),
  inner_hits: z.record(z.string(), innerHits).optional()
})

const buckets = z.object({
  buckets: z.array(z.object({ key: z.string(), doc_count: z.number().int() }))
})

/** What Elasticsearch answers, as far as it is read. Before version 7 the total is a number. */
export const searchAnswerSchema = z.object({
  hits: z.object({
    total: z.union([
      z.number().int(),
      z.object({ value: z.number().int(), relation: z.enum(['eq', 'gte']) })
    ]),
    hits: z.array(hitSchema)
  }),
  aggregations: z.object({ bucket: buckets.optional(), extension: buckets.optional() }).optional()
})

export type SearchAnswer = z.output<typeof searchAnswerSchema>

/** The hits of an answer. A document that is none of the scope is left out: indexes hold documents of older versions too. */
export function catalogHits(
  answer: SearchAnswer,
  scope: 'packages' | 'entries' | 'objects'
): readonly CatalogHit[] {
  return answer.hits.hits.flatMap((hit) => {
    const bucket = bucketOf(hit._index)
    switch (scope) {
      case 'objects':
        return objectHit(bucket, hit._source)
      case 'packages':
        return packageHit(bucket, hit._source, inner(hit, 'mnfst')?._source)
      case 'entries': {
        const manifest = inner(hit, 'mnfst')
        const nested = z.object({ inner_hits: z.record(z.string(), innerHits) }).safeParse(manifest)
        const pointer = nested.success ? inner(nested.data, 'ptr')?._source : undefined
        return entryHit(bucket, hit._source, manifest?._source, pointer)
      }
    }
  })
}

/** Total and facets of an answer. */
export function catalogCounts(
  answer: SearchAnswer
): Pick<CatalogAnswer, 'total' | 'totalIsExact' | 'facets'> {
  const { total } = answer.hits
  return {
    total: typeof total === 'number' ? total : total.value,
    totalIsExact: typeof total === 'number' || total.relation === 'eq',
    facets: {
      bucket: facet(answer.aggregations?.bucket).map(({ value, count: number }) => ({
        value: bucketOf(value),
        count: number
      })),
      extension: facet(answer.aggregations?.extension)
    }
  }
}

function facet(aggregation: z.output<typeof buckets> | undefined): readonly FacetCount[] {
  return (aggregation?.buckets ?? []).map(({ key, doc_count }) => ({ value: key, count: doc_count }))
}

/** An index is named like its bucket, with `_packages` and, after a reindex, `-reindex-…` behind. */
function bucketOf(index: string): string {
  return index.replace(/-reindex-.*$/, '').replace(/_packages$/, '')
}

function inner(
  { inner_hits: hits }: { inner_hits?: Readonly<Record<string, z.output<typeof innerHits>>> | undefined },
  name: string
): { readonly _source?: unknown } | undefined {
  return hits?.[name]?.hits.hits[0]
}

function objectHit(bucket: string, source: unknown): readonly CatalogHit[] {
  const parsed = objectSource.safeParse(source)
  if (!parsed.success) return []
  const { key, version_id, size, last_modified } = parsed.data
  return [
    {
      kind: 'object',
      bucket,
      key,
      ...present('versionId', version_id),
      ...present('size', size),
      ...present('modified', last_modified)
    }
  ]
}

function packageHit(bucket: string, source: unknown, manifest: unknown): readonly CatalogHit[] {
  const pointer = pointerSource.safeParse(source)
  if (!pointer.success) return []
  const about = manifestSource.safeParse(manifest)
  const found = about.success ? about.data : undefined
  return [
    {
      kind: 'package',
      bucket,
      package: pointer.data.ptr_name,
      ...present('topHash', found?.mnfst_hash),
      ...present('message', found?.mnfst_message),
      ...present('modified', pointer.data.ptr_last_modified),
      ...present('files', found?.mnfst_stats?.total_files),
      ...present('bytes', found?.mnfst_stats?.total_bytes)
    }
  ]
}

function entryHit(
  bucket: string,
  source: unknown,
  manifest: unknown,
  pointer: unknown
): readonly CatalogHit[] {
  const entry = entrySource.safeParse(source)
  const owner = pointerSource.safeParse(pointer)
  if (!entry.success || !owner.success) return []
  const about = manifestSource.safeParse(manifest)
  return [
    {
      kind: 'entry',
      bucket,
      package: owner.data.ptr_name,
      logicalKey: entry.data.entry_lk,
      ...present('topHash', about.success ? about.data.mnfst_hash : undefined),
      ...present('physicalKey', entry.data.entry_pk),
      ...present('size', entry.data.entry_size)
    }
  ]
}

function present<K extends string, V>(key: K, value: V | null | undefined): { readonly [P in K]?: V } {
  const member: { [P in K]?: V } = {}
  if (value !== null && value !== undefined) member[key] = value
  return member
}

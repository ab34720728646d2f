import { ToolFailure } from '../../tools/tool-failure.ts'
import type { CatalogAnswer, CatalogQuery } from '../backend.ts'
import type { CatalogConfig } from './catalog-config.ts'
import { catalogCounts, catalogHits, searchAnswerSchema, type SearchAnswer } from './search-answer.ts'
import { indexOf, searchBody, searchWindow } from './search-body.ts'
import { stackFetch } from './stack-fetch.ts'
import type { StackCaller } from './stack-queries.ts'

export interface CatalogSearchOptions {
  readonly catalog: () => Promise<CatalogConfig>
  readonly timeoutSeconds: number
}

/** Buckets that are asked about at once, where the stack refused them together. */
const concurrency = 8

/**
 * Searches these buckets in the stack's Elasticsearch. Where the caller may not search all of them, those that can be
 * searched are, and the others are named. Throws ToolFailure, `access-denied` where none can be.
 */
export async function searchCatalog(
  options: CatalogSearchOptions,
  query: CatalogQuery,
  buckets: readonly string[],
  caller: StackCaller
): Promise<CatalogAnswer> {
  const from = offsetOf(query.after)
  if (buckets.length === 0) return none
  const body = searchBody(query, from)
  const { allowed, answer } = await withAllowed(buckets, (some) =>
    ask(options, { indexes: some.map((bucket) => indexOf(bucket, query.scope)), body }, caller)
  )
  const hits = catalogHits(answer, query.scope)
  const counts = catalogCounts(answer)
  const end = from + answer.hits.hits.length
  return {
    hits,
    ...counts,
    next: answer.hits.hits.length > 0 && end < Math.min(counts.total, searchWindow) ? String(end) : undefined,
    refused: buckets.filter((bucket) => !allowed.includes(bucket))
  }
}

const none: CatalogAnswer = {
  hits: [],
  total: 0,
  totalIsExact: true,
  facets: { bucket: [], extension: [] },
  next: undefined,
  refused: []
}

function offsetOf(after: string | undefined): number {
  if (after === undefined) return 0
  const offset = /^\d{1,5}$/.test(after) ? Number(after) : searchWindow
  if (offset < searchWindow) return offset
  throw new ToolFailure('invalid-cursor', 'the cursor is not one that this search gave out', {
    next: 'Start again without a cursor, and pass next_cursor on unchanged.'
  })
}

interface Allowed {
  readonly allowed: readonly string[]
  readonly answer: SearchAnswer
}

/** The search over all buckets, or over those that do not make the stack refuse it. */
async function withAllowed(
  buckets: readonly string[],
  search: (buckets: readonly string[]) => Promise<SearchAnswer>
): Promise<Allowed> {
  try {
    return { allowed: buckets, answer: await search(buckets) }
  } catch (error) {
    if (buckets.length === 1 || !isDenied(error)) throw error
    const allowed: string[] = []
    for (let start = 0; start < buckets.length; start += concurrency)
      await Promise.all(
        buckets.slice(start, start + concurrency).map(async (bucket) => {
          if (await isAllowed(bucket, search)) allowed.push(bucket)
        })
      )
    if (allowed.length === 0) throw error
    return { allowed, answer: await search(allowed) }
  }
}

async function isAllowed(
  bucket: string,
  search: (buckets: readonly string[]) => Promise<SearchAnswer>
): Promise<boolean> {
  try {
    await search([bucket])
    return true
  } catch (error) {
    if (isDenied(error)) return false
    throw error
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof ToolFailure && error.code === 'access-denied'
}

async function ask(
  { catalog, timeoutSeconds }: CatalogSearchOptions,
  { indexes, body }: { readonly indexes: readonly string[]; readonly body: object },
  { token, signal }: StackCaller
): Promise<SearchAnswer> {
  const { registryUrl } = await catalog()
  const parameters = new URLSearchParams({
    index: indexes.join(','),
    action: 'freeform',
    body: JSON.stringify(body)
  })
  return stackFetch({
    what: 'the search',
    url: `${registryUrl}/api/search?${parameters.toString()}`,
    token,
    schema: searchAnswerSchema,
    signal,
    timeoutSeconds
  })
}

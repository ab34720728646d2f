import type { Entry, Manifest } from '@fast-mcp/quilt'
import { withRevision } from './revision.ts'
import { countValues, extensionOf, passes, type Answer, type Result, type Search } from './search-answer.ts'
import type { ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { shownKey } from './visible.ts'

/** Entries that are looked at for filters and facets in one call. */
const maxLookedAt = 10_000

/** Entries of the latest revision of one package whose key, or metadata, holds the query anywhere. */
export function searchPackage(
  search: Search & { readonly package: string },
  context: ToolContext
): Promise<Answer> {
  if (search.query === '')
    throw new ToolFailure('invalid-search', 'there is nothing to search for', {
      next: 'Give a query, or list all files with package_browse.'
    })
  return withRevision(
    { package: search.package, registry: search.registry.uri },
    context,
    async (manifest) => {
      const isPlain =
        search.extension === undefined && search.min_size === undefined && search.max_size === undefined
      const found = isPlain
        ? await page(manifest, search, context)
        : await filtered(manifest, search, context)
      return {
        engine: 'manifest',
        results: found.items.map((entry) => describe(search, manifest.topHash, entry)),
        ...(isPlain ? { total: found.total } : {}),
        next: found.next,
        ...(search.facets ? await facets(manifest, search, context) : {})
      }
    }
  )
}

function options(
  { query, field, cursor }: Search,
  limit: number,
  { signal }: ToolContext
): Parameters<Manifest['search']>[0] {
  return {
    text: query,
    in: field === 'name' ? 'keys' : 'metadata',
    limit,
    signal,
    ...(cursor === undefined ? {} : { after: cursor })
  }
}

interface Entries {
  readonly items: readonly Entry[]
  readonly total?: number
  readonly next: string | undefined
}

async function page(manifest: Manifest, search: Search, context: ToolContext): Promise<Entries> {
  return await manifest.search(options(search, search.limit, context))
}

/** Goes through matches until the page is full of those that pass the filters, at most 10,000 of them in one call. */
async function filtered(manifest: Manifest, search: Search, context: ToolContext): Promise<Entries> {
  const items: Entry[] = []
  let after = search.cursor
  for (let looked = 0; looked < maxLookedAt && items.length < search.limit;) {
    const limit = Math.min(1000, search.limit - items.length)
    const found = await manifest.search(options({ ...search, cursor: after }, limit, context))
    items.push(...found.items.filter(({ logicalKey, size }) => passes(search, logicalKey, size)))
    looked += found.items.length
    after = found.next
    if (after === undefined) break
  }
  return { items, next: after }
}

async function facets(
  manifest: Manifest,
  search: Search,
  context: ToolContext
): Promise<Pick<Answer, 'facets' | 'note'>> {
  const { items, total } = await manifest.search(
    options({ ...search, cursor: undefined }, maxLookedAt, context)
  )
  const counted = items.filter(({ logicalKey, size }) => passes(search, logicalKey, size))
  return {
    facets: { extension: countValues(counted.map(({ logicalKey }) => extensionOf(logicalKey))) },
    ...(total > items.length ? { note: `Facets count the first ${String(items.length)} matches.` } : {})
  }
}

function describe(search: Search & { readonly package: string }, hash: string, entry: Entry): Result {
  const { logicalKey, size } = entry
  return {
    kind: 'entry',
    package: search.package,
    registry: search.registry.uri,
    top_hash: hash,
    path: logicalKey,
    ...shownKey(logicalKey),
    ...(size === undefined ? {} : { size })
  }
}

import type { EntryHit, PackageHit, RegistrySearch } from '@fast-mcp/quilt'
import { countValues, extensionOf, type Answer, type Result, type Search } from './search-answer.ts'
import type { ToolContext } from './tool.ts'
import { shownKey, visibleText } from './visible.ts'

/** Matches that facets are counted over. */
const maxCounted = 10_000

/** Packages, or entries of all packages, from the registry's index, which is brought up to date first. */
export async function searchIndex(search: Search, context: ToolContext): Promise<Answer> {
  const { registry } = search
  const index = context.services.searchIndexes.of(registry, context.principal)
  if (search.in === 'packages') {
    const found = await index.packages(queryOf(search, search.limit, context))
    return { ...common(found), results: found.items.map((hit) => describePackage(registry.uri, hit)) }
  }
  const found = await index.entries(queryOf(search, search.limit, context))
  return {
    ...common(found),
    results: found.items.map((hit) => describeEntry(registry.uri, hit)),
    ...(search.facets ? { facets: await facets(search, context) } : {})
  }
}

function queryOf(search: Search, limit: number, context: ToolContext): RegistrySearch {
  const { query, package: name, extension, min_size: minSize, max_size: maxSize, cursor } = search
  return {
    text: query,
    limit,
    signal: context.signal,
    ...(name === undefined ? {} : { package: name }),
    ...(extension === undefined ? {} : { extensions: extension }),
    ...(minSize === undefined ? {} : { minSize }),
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(search.modified_after === undefined ? {} : { modifiedAfter: new Date(search.modified_after) }),
    ...(cursor === undefined ? {} : { after: cursor }),
    onProgress: (done, total) => {
      context.progress(done, total, 'packages indexed')
    }
  }
}

interface Found {
  readonly total: number
  readonly next: string | undefined
  readonly partial: number
  readonly skipped: readonly unknown[]
}

function common({
  total,
  next,
  partial,
  skipped
}: Found): Pick<Answer, 'engine' | 'total' | 'next' | 'note'> {
  const notes = [
    ...(partial === 0
      ? []
      : [
          `Of ${String(partial)} packages with more than 100,000 files only those are known; search them with package.`
        ]),
    ...(skipped.length === 0 ? [] : [`${String(skipped.length)} packages could not be read.`])
  ]
  return { engine: 'index', total, next, ...(notes.length === 0 ? {} : { note: notes.join(' ') }) }
}

function describePackage(registry: string, hit: PackageHit): Result {
  const { name, topHash, message, modified, files, bytes, matching } = hit
  return {
    kind: 'package',
    package: name,
    registry,
    top_hash: topHash,
    ...(message === null ? {} : { message: visibleText(message).slice(0, 300) }),
    ...(modified === undefined ? {} : { modified: modified.toISOString() }),
    files,
    bytes,
    matching
  }
}

function describeEntry(registry: string, { name, topHash, logicalKey, size, modified }: EntryHit): Result {
  return {
    kind: 'entry',
    package: name,
    registry,
    top_hash: topHash,
    path: logicalKey,
    ...shownKey(logicalKey),
    ...(size === undefined ? {} : { size }),
    ...(modified === undefined ? {} : { modified: modified.toISOString() })
  }
}

async function facets(search: Search, context: ToolContext): Promise<Answer['facets']> {
  const index = context.services.searchIndexes.of(search.registry, context.principal)
  const { items } = await index.entries(queryOf({ ...search, cursor: undefined }, maxCounted, context))
  return {
    extension: countValues(items.map(({ logicalKey }) => extensionOf(logicalKey))),
    package: countValues(items.map(({ name }) => name))
  }
}

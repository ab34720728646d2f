import type { ServedRegistry } from '../registries.ts'

/** What a search looks for. */
export interface SearchArguments {
  readonly query: string
  readonly in: 'packages' | 'entries' | 'objects'
  readonly field: 'name' | 'metadata'
  readonly package?: string | undefined
  readonly prefix?: string | undefined
  readonly extension?: readonly string[] | undefined
  readonly min_size?: number | undefined
  readonly max_size?: number | undefined
  readonly modified_after?: string | undefined
  readonly facets: boolean
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The arguments of a search, its registry found. */
export interface Search extends SearchArguments {
  readonly registry: ServedRegistry
}

export type Result =
  | {
      kind: 'package'
      package: string
      registry: string
      top_hash?: string
      message?: string
      modified?: string
      files?: number
      bytes?: number
      matching?: number
    }
  | {
      kind: 'entry'
      package: string
      registry: string
      top_hash?: string
      path: string
      shown?: string
      size?: number
      modified?: string
    }
  | { kind: 'object'; uri: string; shown?: string; size?: number; modified?: string }

export interface Facet {
  value: string
  count: number
}

/** What an engine found. */
export interface Answer {
  readonly engine: 'elasticsearch' | 'index' | 'manifest' | 'listing'
  readonly results: readonly Result[]
  readonly total?: number | undefined
  readonly facets?: { extension?: Facet[]; package?: Facet[]; bucket?: Facet[] } | undefined
  /** What was not looked at, in a sentence. */
  readonly note?: string | undefined
  readonly next?: string | undefined
}

/** Most values of one facet. */
const maxValues = 20

/** The most frequent values of a list and how often each is there. */
export function countValues(values: Iterable<string>): Facet[] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return Array.from(counts, ([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, maxValues)
}

/** The extension of a file name as filters and facets mean it: lower case, without the dot. */
export function extensionOf(key: string): string {
  return /[^/]\.([^./]+)$/.exec(key)?.[1]?.toLowerCase() ?? ''
}

/** Whether a file passes the filters on name and size; a file of unknown size passes none on size. */
export function passes(
  { extension, min_size: min, max_size: max }: Pick<Search, 'extension' | 'min_size' | 'max_size'>,
  key: string,
  size: number | undefined
): boolean {
  const wanted = extension?.map((one) => one.replace(/^\./, '').toLowerCase())
  if (wanted !== undefined && !wanted.includes(extensionOf(key))) return false
  if (min !== undefined && (size === undefined || size < min)) return false
  return max === undefined || (size !== undefined && size <= max)
}

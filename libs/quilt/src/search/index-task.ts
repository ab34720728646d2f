/** Work on the index of a registry, as it crosses to a worker thread. */
export interface IndexTask {
  /** Path of the index. */
  readonly index: string
  readonly registry: string
  readonly work: IndexWork
}

export type IndexWork =
  /** Answers with names and marks of the packages that the index holds: the first `limit` behind a name. */
  | { readonly do: 'list'; readonly after: string; readonly limit: number }
  /** Shows a revision with all of its keys, and forgets the one that was there before. */
  | {
      readonly do: 'put'
      readonly revision: IndexedRevision
      readonly keys: readonly string[]
      readonly sizes: Sizes
    }
  /** Makes room for a revision and answers with its number. */
  | { readonly do: 'begin'; readonly revision: IndexedRevision }
  | { readonly do: 'add'; readonly revision: number; readonly keys: readonly string[]; readonly sizes: Sizes }
  /** Shows the revision, and forgets the one that was there before. */
  | { readonly do: 'complete'; readonly revision: number }
  | { readonly do: 'remove'; readonly names: readonly string[] }
  | { readonly do: 'find'; readonly query: IndexQuery }

/** Bytes of entries; NaN where a size is unknown. */
export type Sizes = Float64Array

/** A revision that goes into the index. */
export interface IndexedRevision {
  readonly name: string
  /** Changes when the package's latest revision does. */
  readonly mark: string
  readonly topHash: string
  readonly message: string | null
  /** The user metadata as text. */
  readonly meta: string
  /** Milliseconds since 1970. */
  readonly modified: number | null
  readonly files: number
  readonly bytes: number
}

/** What is asked of an index. Undefined fields exclude nothing. */
export interface IndexQuery {
  readonly of: 'packages' | 'entries'
  /** Words that all have to be there, each or the start of it. */
  readonly words: readonly string[]
  readonly extensions: readonly string[]
  readonly minSize: number | undefined
  readonly maxSize: number | undefined
  readonly modifiedAfter: number | undefined
  readonly modifiedBefore: number | undefined
  /** A package name, or the start of names that ends with `/`. */
  readonly package: string | undefined
  readonly offset: number
  readonly limit: number
}

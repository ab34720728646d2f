import type { Principal } from '../principal.ts'

/** Who asks, and until when. A CallContext is one. */
export interface Caller {
  readonly principal: Principal
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Where a result comes from: `local` folders, `s3` with the server's own credentials, or a Quilt `stack` with the caller's. */
export type BackendName = 'local' | 's3' | 'stack'

/** A source of registries, and what it knows besides packages. One serves all callers and keeps them apart. */
export interface Backend {
  readonly name: BackendName
  /** Address of the web catalog, without a slash at the end; undefined where there is none. */
  readonly catalogUrl: string | undefined
  /** The buckets (for `local`: folders) that the caller may use, in order of their URIs. Throws ToolFailure. */
  buckets(caller: Caller): Promise<readonly Bucket[]>
  /** As whom the caller's requests are made. Never throws for a caller without credentials: that is an answer. */
  authStatus(caller: Caller): Promise<AuthStatus>
  /** The Elasticsearch of the stack; missing on backends that have none. Throws ToolFailure. */
  readonly search?: (query: CatalogQuery, caller: Caller) => Promise<CatalogAnswer>
}

export interface Bucket {
  /** Of a bucket its name, of a folder the last part of its path. */
  readonly name: string
  /** What tools take as `registry`. */
  readonly uri: string
  readonly title?: string
  readonly description?: string
}

export interface AuthStatus {
  readonly authenticated: boolean
  /** An e-mail address, an ARN or an access key id; undefined where nobody is known. */
  readonly identity: string | undefined
  /** In words: `stack token`, `AWS profile research`, `anonymous`, `none needed`. */
  readonly method: string
  /** When the credentials end, ISO 8601. */
  readonly expiresAt?: string
  /** Why there are no credentials. */
  readonly problem?: string
}

/** What the catalog's index is asked. */
export interface CatalogQuery {
  readonly scope: 'packages' | 'entries' | 'objects'
  /** Words; special characters of the query language are taken literally, but `*` and `?` are wildcards. `''`: everything. */
  readonly text: string
  /** Names of buckets. @default all that the caller may use */
  readonly buckets?: readonly string[]
  /** Only the package of this name, or those whose names begin with it if it ends with `/`; for packages. */
  readonly package?: string
  /** Beginning of keys; for objects. */
  readonly prefix?: string
  /** File name extensions with or without the dot, any of them; for objects and entries. */
  readonly extensions?: readonly string[]
  readonly minBytes?: number
  readonly maxBytes?: number
  /** ISO 8601. */
  readonly modifiedAfter?: string
  /** ISO 8601. */
  readonly modifiedBefore?: string
  /** 1 to 1000. */
  readonly limit: number
  /** The `next` of the answer before. */
  readonly after?: string
}

export type CatalogHit =
  | {
      readonly kind: 'object'
      readonly bucket: string
      readonly key: string
      readonly versionId?: string
      readonly size?: number
      readonly modified?: string
    }
  | {
      readonly kind: 'entry'
      readonly bucket: string
      readonly package: string
      readonly topHash?: string
      readonly logicalKey: string
      readonly physicalKey?: string
      readonly size?: number
    }
  | {
      readonly kind: 'package'
      readonly bucket: string
      readonly package: string
      readonly topHash?: string
      readonly message?: string
      readonly modified?: string
      readonly files?: number
      readonly bytes?: number
    }

export interface CatalogAnswer {
  /** Best first. */
  readonly hits: readonly CatalogHit[]
  readonly total: number
  /** False: there are at least `total`. */
  readonly totalIsExact: boolean
  /** Counts by value over all matches; the first 20 of each. */
  readonly facets: Readonly<Record<'bucket' | 'extension', readonly FacetCount[]>>
  /** Undefined on the last page, and behind the 10,000th hit, where the index gives no more. */
  readonly next: string | undefined
  /** Buckets that the index refused to search for this caller, and so left out. */
  readonly refused: readonly string[]
}

export interface FacetCount {
  readonly value: string
  readonly count: number
}

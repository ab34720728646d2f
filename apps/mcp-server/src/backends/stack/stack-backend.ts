import { localPrincipal, type Principal } from '../../principal.ts'
import { ToolFailure } from '../../tools/tool-failure.ts'
import type { AuthStatus, Backend, Bucket, Caller } from '../backend.ts'
import { catalogConfig, type CatalogConfig } from './catalog-config.ts'
import { searchCatalog } from './catalog-search.ts'
import { CredentialsExchange } from './credentials.ts'
import { graphQL, type GraphQL } from './graphql.ts'
import { RecentMap } from './recent-map.ts'
import { tokenMissing } from './stack-failure.ts'
import { currentUser, listBuckets, type BucketConfig, type StackCaller } from './stack-queries.ts'
import type { StackConfig } from './stack-variables.ts'
import { tokenKey } from './token-key.ts'

/** A Quilt stack, and how its parts are asked. It serves all callers and keeps what it learns of each apart. */
export interface Stack extends Backend {
  readonly name: 'stack'
  readonly catalogUrl: string
  readonly catalog: () => Promise<CatalogConfig>
  readonly graphql: GraphQL
  readonly credentials: CredentialsExchange
  /** The caller's own token, or for a caller of this machine the configured key. Throws ToolFailure `stack-token-missing`. */
  token(principal: Principal): string
  hasToken(principal: Principal): boolean
}

/** How long a caller's list of buckets is believed. */
const bucketsMilliseconds = 60_000
const maxCallers = 1000

export function createStack(config: StackConfig, now: () => number = Date.now): Stack {
  const { catalogUrl, apiKey, timeoutSeconds } = config
  const catalog = catalogConfig(config, now)
  const graphql = graphQL(catalog, timeoutSeconds)
  const credentials = new CredentialsExchange({ catalog, timeoutSeconds, now })

  const findToken = (principal: Principal): string | undefined =>
    principal.token ?? (principal.id === localPrincipal.id ? apiKey : undefined)
  const token = (principal: Principal): string => {
    const found = findToken(principal)
    if (found === undefined) throw tokenMissing()
    return found
  }
  const stackCaller = ({ principal, signal }: Caller): StackCaller => ({ token: token(principal), signal })

  const known = new RecentMap<{ readonly buckets: readonly Bucket[]; readonly until: number }>(maxCallers)
  const buckets = async (caller: Caller): Promise<readonly Bucket[]> => {
    const asker = stackCaller(caller)
    const key = tokenKey(asker.token)
    const remembered = known.get(key)
    if (remembered !== undefined && now() < remembered.until) return remembered.buckets
    const listed = (await listBuckets(graphql, asker)).map(describe).sort(byUri)
    known.set(key, { buckets: listed, until: now() + bucketsMilliseconds })
    return listed
  }

  return {
    name: 'stack',
    catalogUrl,
    catalog,
    graphql,
    credentials,
    token,
    hasToken: (principal) => findToken(principal) !== undefined,
    buckets,
    authStatus: async (caller) => {
      const method = caller.principal.token === undefined ? 'QUILT_API_KEY' : "the caller's token"
      try {
        const asker = stackCaller(caller)
        const [user, { expiration }] = await Promise.all([
          currentUser(graphql, asker),
          credentials.get(asker.token)
        ])
        return {
          authenticated: user !== undefined,
          identity: user?.email,
          method,
          expiresAt: expiration.toISOString()
        } satisfies AuthStatus
      } catch (error) {
        if (!(error instanceof ToolFailure)) throw error
        const problem = `${error.message} [${error.code}]`
        return { authenticated: false, identity: undefined, method, problem }
      }
    },
    search: async (query, caller) => {
      const names = query.buckets ?? (await buckets(caller)).map(({ name }) => name)
      return searchCatalog({ catalog, timeoutSeconds }, query, names, stackCaller(caller))
    }
  }
}

function describe({ name, title, description }: BucketConfig): Bucket {
  return {
    name,
    uri: `s3://${name}`,
    ...(title === undefined || title === null || title === '' ? {} : { title }),
    ...(description === undefined || description === null || description === '' ? {} : { description })
  }
}

function byUri(a: Bucket, b: Bucket): number {
  return a.uri < b.uri ? -1 : 1
}

import { QuiltError, type CallOptions, type WritableRegistry } from '@fast-mcp/quilt'
import type { GraphQL } from './graphql.ts'
import { deleteStackRevision } from './stack-queries.ts'

/**
 * A registry whose revisions the stack removes, so that its index and its catalog follow at once, and its rules hold.
 * All else is done in the bucket, with the caller's credentials.
 */
export function ownedByStack(registry: WritableRegistry, graphql: GraphQL, token: string): WritableRegistry {
  const bucket = registry.uri.slice('s3://'.length)
  const remove = (name: string, hash: string, { signal = never }: CallOptions): Promise<void> =>
    deleteStackRevision(graphql, { bucket, name, hash }, { token, signal })
  return {
    ...registry,
    deleteRevision: async (name, hash, options = {}) => {
      await remove(name, await registry.resolve(name, hash, options), options)
    },
    deletePackage: async (name, options = {}) => {
      const hashes = await topHashes(registry, name, options)
      if (hashes.size === 0)
        throw new QuiltError('package-not-found', `there is no package ${name} in ${registry.uri}`)
      for (const hash of hashes) await remove(name, hash, options)
    }
  }
}

const { signal: never } = new AbortController()

async function topHashes(
  registry: WritableRegistry,
  name: string,
  options: CallOptions
): Promise<ReadonlySet<string>> {
  const hashes = new Set<string>()
  let after: string | undefined
  do {
    const page = await registry.revisions(name, {
      ...options,
      limit: 1000,
      ...(after === undefined ? {} : { after })
    })
    for (const { topHash } of page.items) hashes.add(topHash)
    after = page.next
  } while (after !== undefined)
  return hashes
}

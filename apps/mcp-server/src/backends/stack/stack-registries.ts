import { openRegistry, openStore, type OpenStore, type S3Options } from '@fast-mcp/quilt'
import type { ServedRegistry } from '../../registries.ts'
import type { SharedMeans } from '../../shared-means.ts'
import type { Caller } from '../backend.ts'
import { serveRegistry } from '../serve-registry.ts'
import { ownedByStack } from './owned-by-stack.ts'
import { RecentMap } from './recent-map.ts'
import { renewing, renewingRegistry, renewingStore, type OpenedBucket } from './renewing.ts'
import type { Stack } from './stack-backend.ts'
import { tokenKey } from './token-key.ts'

/** Open registries of all callers together; beyond them the one used longest ago is let go. */
const maxOpen = 256

/** The buckets of a stack as registries: for every caller their own, with the credentials that the stack gives them. */
export class StackRegistries {
  readonly #stack: Stack
  readonly #means: SharedMeans
  readonly #open = new RecentMap<ServedRegistry>(maxOpen)

  constructor(stack: Stack, means: SharedMeans) {
    this.#stack = stack
    this.#means = means
  }

  /** The registry in a bucket for a caller. Throws ToolFailure where the caller has no token, or the stack no credentials for it. */
  async get(uri: string, readOnly: boolean, caller: Caller): Promise<ServedRegistry> {
    const token = this.#stack.token(caller.principal)
    const [{ region }] = await Promise.all([this.#stack.catalog(), this.#stack.credentials.get(token)])
    const key = `${tokenKey(token)} ${String(readOnly)} ${uri}`
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const opened = this.#serve(uri, readOnly, token, region)
    this.#open.set(key, opened)
    return opened
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((registry) => registry.close()))
  }

  #serve(uri: string, readOnly: boolean, token: string, region: string): ServedRegistry {
    const { credentials, graphql } = this.#stack
    const bucket = renewing(
      () => openBucket(uri, { region, credentials: () => credentials.get(token) }, this.#means),
      () => {
        credentials.forget(token)
      }
    )
    return serveRegistry(ownedByStack(renewingRegistry(uri, bucket), graphql, token), {
      backend: this.#stack,
      readOnly,
      openStore: () => Promise.resolve(renewingStore(uri, bucket))
    })
  }
}

function openBucket(uri: string, s3: S3Options, means: SharedMeans): OpenedBucket {
  const registry = openRegistry(uri, { s3, ...means })
  let objects: Promise<OpenStore> | undefined
  return {
    registry,
    store: async () => (await (objects ??= openStore(uri, s3))).store,
    close: async () => {
      await registry.close()
      const opened = await objects
      opened?.close()
    }
  }
}

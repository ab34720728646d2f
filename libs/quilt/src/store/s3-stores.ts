import type { S3Client } from '@aws-sdk/client-s3'

import { S3Store } from './s3-store.ts'

/** The buckets that one client can reach, each as one store, so that its limit of requests holds. */
export class S3Stores {
  readonly #client: S3Client
  readonly #stores = new Map<string, S3Store>()

  constructor(client: S3Client) {
    this.#client = client
  }

  /** Ends all connections. */
  close(): void {
    this.#client.destroy()
  }

  bucket(name: string): S3Store {
    const known = this.#stores.get(name)
    if (known !== undefined) return known
    const store = new S3Store(this.#client, name)
    this.#stores.set(name, store)
    return store
  }
}

import { isQuiltError, type ObjectStore, type WritableRegistry } from '@fast-mcp/quilt'

/** What is opened with one set of credentials. */
export interface OpenedBucket {
  readonly registry: WritableRegistry
  store(): Promise<ObjectStore>
  /** Gives up its connections. */
  close(): Promise<void>
}

/** A bucket that is opened again when its credentials are no longer taken. */
export interface Renewing {
  readonly current: OpenedBucket
  /** Does something that can be repeated, and repeats it once with new credentials. */
  attempt<T>(use: (bucket: OpenedBucket) => Promise<T>): Promise<T>
}

/** @param forget called before a bucket is opened again, so that the new credentials are not the old */
export function renewing(open: () => OpenedBucket, forget: () => void): Renewing {
  let current = open()
  return {
    get current() {
      return current
    },
    attempt: async (use) => {
      const tried = current
      try {
        return await use(tried)
      } catch (error) {
        if (!isExpired(error)) throw error
        // another call may have renewed it already
        if (current === tried) {
          forget()
          current = open()
        }
        return await use(current)
      }
    }
  }
}

/** S3 says ExpiredToken, but to HEAD, whose answers have no body, only 400. */
function isExpired(error: unknown): boolean {
  if (isQuiltError(error, 'credentials-expired')) return true
  if (!isQuiltError(error, 'storage-failed')) return false
  const { cause } = error
  return (
    typeof cause === 'object' &&
    cause !== null &&
    '$metadata' in cause &&
    typeof cause.$metadata === 'object' &&
    cause.$metadata !== null &&
    'httpStatusCode' in cause.$metadata &&
    cause.$metadata.httpStatusCode === 400
  )
}

/** The registry of whatever is open. A push by a builder is not repeated: it says that the credentials have expired. */
export function renewingRegistry(uri: string, bucket: Renewing): WritableRegistry {
  return {
    uri,
    packages: (options) => bucket.attempt(({ registry }) => registry.packages(options)),
    revisions: (name, options) => bucket.attempt(({ registry }) => registry.revisions(name, options)),
    resolve: (name, selector, options) =>
      bucket.attempt(({ registry }) => registry.resolve(name, selector, options)),
    open: (topHash, options) => bucket.attempt(({ registry }) => registry.open(topHash, options)),
    read: (entry, range, options) => bucket.attempt(({ registry }) => registry.read(entry, range, options)),
    check: (builder, name, options) =>
      bucket.attempt(({ registry }) => registry.check(builder, name, options)),
    newPackage: () => bucket.current.registry.newPackage(),
    patch: (name, selector, options) =>
      bucket.attempt(({ registry }) => registry.patch(name, selector, options)),
    rollback: (name, hash, options) =>
      bucket.attempt(({ registry }) => registry.rollback(name, hash, options)),
    setTag: (name, tag, selector, options) =>
      bucket.attempt(({ registry }) => registry.setTag(name, tag, selector, options)),
    deleteTag: (name, tag, options) =>
      bucket.attempt(({ registry }) => registry.deleteTag(name, tag, options)),
    deletePackage: (name, options) => bucket.attempt(({ registry }) => registry.deletePackage(name, options)),
    deleteRevision: (name, hash, options) =>
      bucket.attempt(({ registry }) => registry.deleteRevision(name, hash, options)),
    close: () => bucket.current.close()
  }
}

/** The objects of whatever is open. */
export function renewingStore(uri: string, bucket: Renewing): ObjectStore {
  const tried = <T>(use: (store: ObjectStore) => Promise<T>): Promise<T> =>
    bucket.attempt(async (current) => use(await current.store()))
  return {
    uri,
    head: (key, options) => tried((store) => store.head(key, options)),
    get: (key, options) => tried((store) => store.get(key, options)),
    getSome: (prefix, choose, options) => tried((store) => store.getSome(prefix, choose, options)),
    read: (key, options) => tried((store) => store.read(key, options)),
    put: async (key, body, options) =>
      // a stream can be read only once
      'stream' in body
        ? (await bucket.current.store()).put(key, body, options)
        : tried((store) => store.put(key, body, options)),
    copy: (source, key, options) => tried((store) => store.copy(source, key, options)),
    delete: (key, options) => tried((store) => store.delete(key, options)),
    list: (options) => tried((store) => store.list(options)),
    folders: (prefix, options) => tried((store) => store.folders(prefix, options)),
    versions: (key, options) => tried((store) => store.versions(key, options)),
    presign: (key, options) => tried((store) => store.presign(key, options))
  }
}

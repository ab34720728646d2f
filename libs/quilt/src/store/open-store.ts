import { QuiltError } from '../error.ts'
import { parsePhysicalKey } from '../physical-key.ts'
import { LocalStore } from './local-store.ts'
import type { ObjectStore } from './object-store.ts'
import type { S3Options } from './s3-client.ts'

/** A store and the way to give up its connections. */
export interface OpenStore {
  readonly store: ObjectStore
  close(): void
}

/** The objects of `file:///DIR` or `s3://BUCKET`. Throws `invalid-registry` for any other address. */
export async function openStore(uri: string, s3: S3Options = {}): Promise<OpenStore> {
  const place = parsePhysicalKey(uri)
  if (place.kind === 'file') return { store: new LocalStore(place.path), close: () => undefined }
  if (place.key !== '' || place.versionId !== undefined)
    throw new QuiltError('invalid-registry', `${uri} is not a bucket, expected s3://BUCKET`)
  const { openS3Stores } = await import('./open-s3-stores.ts')
  const stores = openS3Stores(s3)
  return { store: stores.bucket(place.bucket), close: () => stores.close() }
}

import { createHash, randomUUID } from 'node:crypto'

export interface StoredObject {
  readonly key: string
  readonly body: Buffer
  readonly etag: string
  readonly sha256: string | undefined
  readonly modified: Date
  readonly versionId: string | undefined
  readonly deleted: boolean
  /** Headers that it was stored with: its media type, and metadata. */
  readonly headers: Readonly<Record<string, string>>
}

/** What the buckets of a test's S3 server hold: every version of every object, oldest first. */
export class Buckets {
  readonly #buckets = new Map<
    string,
    { readonly versioned: boolean; readonly objects: Map<string, StoredObject[]> }
  >()

  create(name: string, { versioned = true } = {}): void {
    this.#buckets.set(name, { versioned, objects: new Map() })
  }

  has(name: string): boolean {
    return this.#buckets.has(name)
  }

  put(
    bucket: string,
    key: string,
    body: Buffer | string,
    { sha256, headers = {} }: { readonly sha256?: string; readonly headers?: StoredObject['headers'] } = {}
  ): StoredObject {
    const bytes = Buffer.from(body)
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`
    return this.#add(bucket, { key, body: bytes, etag, sha256, deleted: false, headers })
  }

  delete(bucket: string, key: string): void {
    if (this.#buckets.get(bucket)?.versioned === true)
      this.#add(bucket, {
        key,
        body: Buffer.alloc(0),
        etag: '',
        sha256: undefined,
        deleted: true,
        headers: {}
      })
    else this.#buckets.get(bucket)?.objects.delete(key)
  }

  find(bucket: string, key: string, versionId?: string): StoredObject | undefined {
    const versions = this.#buckets.get(bucket)?.objects.get(key) ?? []
    const found =
      versionId === undefined ? versions.at(-1) : versions.find((each) => each.versionId === versionId)
    return found?.deleted === true ? undefined : found
  }

  versions(bucket: string, key: string): readonly StoredObject[] {
    return this.#buckets.get(bucket)?.objects.get(key) ?? []
  }

  /** Keys in the order of their UTF-8 bytes; only those with an object, unless all are asked for. */
  keys(bucket: string, { all = false } = {}): readonly string[] {
    const keys = [...(this.#buckets.get(bucket)?.objects.keys() ?? [])]
    const found = all ? keys : keys.filter((key) => this.find(bucket, key) !== undefined)
    return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }

  /** The newest content of every object, as text. */
  contents(bucket: string): Record<string, string> {
    return Object.fromEntries(
      this.keys(bucket).map((key) => [key, this.find(bucket, key)?.body.toString() ?? ''])
    )
  }

  #add(bucket: string, object: Omit<StoredObject, 'modified' | 'versionId'>): StoredObject {
    const found = this.#buckets.get(bucket)
    if (found === undefined) throw new Error(`no bucket ${bucket}`)
    const stored = { ...object, modified: new Date(), versionId: found.versioned ? randomUUID() : undefined }
    const before = found.versioned ? (found.objects.get(object.key) ?? []) : []
    found.objects.set(object.key, [...before, stored])
    return stored
  }
}

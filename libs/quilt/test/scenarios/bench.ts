import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client
} from '@aws-sdk/client-s3'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { createS3Client, type S3Options } from '../../src/store/s3-client.ts'

/** What an outsider sees of an S3 server and of a folder: the means of a test to prepare things and to look. */
export class Bench {
  readonly s3: S3Options
  /** A folder of the test's own. */
  readonly folder: string
  readonly #client: S3Client

  constructor(endpoint: string, folder: string) {
    this.s3 = { endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
    this.folder = folder
    this.#client = createS3Client(this.s3)
  }

  close(): void {
    this.#client.destroy()
  }

  async createBucket(name: string, versioned: boolean): Promise<void> {
    await this.#client.send(new CreateBucketCommand({ Bucket: name }))
    if (versioned)
      await this.#client.send(
        new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } })
      )
  }

  /** Writes an object and returns its version. */
  async put(bucket: string, key: string, content: string): Promise<string | undefined> {
    const { VersionId } = await this.#client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(content) })
    )
    return VersionId
  }

  /** The newest content of every object; of large ones the size alone. */
  async contents(bucket: string): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket: bucket }))
    for (const { Key = '', Size = 0 } of Contents)
      found.set(Key, Size > 100_000 ? `<${String(Size)} bytes>` : await this.#text(bucket, Key))
    return found
  }

  async #text(bucket: string, key: string): Promise<string> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    return (await Body?.transformToString()) ?? ''
  }

  /** Writes a file below the test's folder and returns its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    return path
  }

  async removeFile(name: string): Promise<void> {
    await rm(join(this.folder, name))
  }

  /** The files of a registry in the test's folder, but for its lock. */
  async tree(name: string): Promise<Map<string, string>> {
    const root = join(this.folder, name)
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const found = new Map<string, string>()
    for (const path of paths.filter((each) => !each.endsWith('/lock')).sort())
      found.set(path.slice(root.length + 1), await readFile(path, 'utf8'))
    return found
  }
}

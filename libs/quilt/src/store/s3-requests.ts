import type { S3Client } from '@aws-sdk/client-s3'

import { QuiltError, throwIfAborted } from '../error.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { CallOptions } from '../types.ts'
import { Gate } from './gate.ts'
import { isMissingObject, s3Error } from './s3-errors.ts'

/** Requests to one bucket that run at once. */
const concurrency = 16

/** The requests to one bucket: a limit of how many run at once, and their failures as QuiltErrors. */
export class S3Requests {
  readonly client: S3Client
  readonly bucket: string
  readonly #gate = new Gate(concurrency)

  constructor(client: S3Client, bucket: string) {
    this.client = client
    this.bucket = bucket
  }

  /** Makes a request about the object `key` when its turn has come. */
  async send<T>(
    key: string,
    options: CallOptions,
    request: (abort: { readonly abortSignal?: AbortSignal }) => Promise<T>
  ): Promise<T> {
    return await this.#gate.run(async () => {
      throwIfAborted(options.signal)
      try {
        return await request(options.signal === undefined ? {} : { abortSignal: options.signal })
      } catch (error) {
        throw isMissingObject(error) ? this.missing(key, error) : this.failure(key, error)
      }
    })
  }

  /** The error for something that failed with the object. */
  failure(key: string, error: unknown): QuiltError {
    return s3Error(error, this.address(key))
  }

  missing(key: string, cause?: unknown): QuiltError {
    return new QuiltError('object-not-found', `there is no object ${this.address(key)}`, { key, cause })
  }

  address(key: string): string {
    return formatPhysicalKey({ kind: 's3', bucket: this.bucket, key, versionId: undefined })
  }
}

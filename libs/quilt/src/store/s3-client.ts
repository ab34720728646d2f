import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

export interface S3Options {
  /** Address of a server other than AWS. @default AWS, or what AWS_ENDPOINT_URL says */
  readonly endpoint?: string
  /** @default what the environment and the shared files say; us-east-1 with an endpoint. Buckets elsewhere are found */
  readonly region?: string
  /** @default what the environment, the shared files or the machine's role give */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>
  /** Bucket in the path of addresses instead of the host name. @default true with an endpoint, else false */
  readonly pathStyle?: boolean
  /** How often a request is tried, with growing and random pauses in between. @default 4 */
  readonly maxAttempts?: number
}

/** A client for all buckets of one account. Destroy it when it is no longer used. */
export function createS3Client(options: S3Options = {}): S3Client {
  const { endpoint, credentials } = options
  const region = options.region ?? (endpoint === undefined ? undefined : 'us-east-1')
  return new S3Client({
    followRegionRedirects: true,
    maxAttempts: options.maxAttempts ?? 4,
    retryMode: 'standard',
    // Checksums are SHA-256, which the format needs, and are given with each request.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials })
  })
}

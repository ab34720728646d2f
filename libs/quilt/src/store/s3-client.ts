import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

export interface S3Options {
  /** Address of a server other than AWS. @default AWS, or what AWS_ENDPOINT_URL says */
  readonly endpoint?: string
  /** @default what the environment and the shared files say; us-east-1 with an endpoint, or where nothing is said. Buckets elsewhere are found */
  readonly region?: string
  /** @default what the environment, the shared files or the machine's role give */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>
  /** Profile of the shared files that region and credentials are taken from. @default what AWS_PROFILE says */
  readonly profile?: string
  /** Send requests unsigned, as public buckets allow; credentials and profile are then not used. @default false */
  readonly anonymous?: boolean
  /** Bucket in the path of addresses instead of the host name. @default true with an endpoint, else false */
  readonly pathStyle?: boolean
  /** How often a request is tried, with growing and random pauses in between. @default 4 */
  readonly maxAttempts?: number
}

/** A signer that signs nothing, and credentials that it does not use: the SDK would look for others and fail where there are none. */
const anonymous: Pick<S3ClientConfig, 'signer' | 'credentials'> = {
  signer: { sign: (request) => Promise.resolve(request) },
  credentials: { accessKeyId: '', secretAccessKey: '' }
}

/** A client for all buckets of one account. Destroy it when it is no longer used. */
export function createS3Client(options: S3Options = {}): S3Client {
  const { endpoint, credentials, profile } = options
  const region = options.region ?? (endpoint === undefined ? () => regionOf(profile) : 'us-east-1')
  return new S3Client({
    followRegionRedirects: true,
    maxAttempts: options.maxAttempts ?? 4,
    retryMode: 'standard',
    // Checksums are SHA-256, which the format needs, and are given with each request.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(options.anonymous === true ? anonymous : credentials === undefined ? {} : { credentials })
  })
}

/** The region that the environment or the shared files name. Without one the SDK fails, though any region leads to every bucket. */
async function regionOf(profile: string | undefined): Promise<string> {
  const asked = new S3Client(profile === undefined ? {} : { profile })
  try {
    return await asked.config.region()
  } catch {
    return 'us-east-1'
  } finally {
    asked.destroy()
  }
}

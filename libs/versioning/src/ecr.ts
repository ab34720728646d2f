import { CodedError } from '@fast-mcp/errors'

/** What the host name of a private Amazon ECR registry says. */
export interface EcrRegistry {
  readonly host: string
  /** 12 digits. */
  readonly account: string
  readonly region: string
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov'
  readonly fips: boolean
}

// Sources: Amazon ECR user guide, "Private registries" (host name), "Service endpoints" (FIPS: ecr-fips), China partition suffix.
const ecrHost = /^(\d{12})\.dkr\.(ecr|ecr-fips)\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(\.cn)?$/

/** The parts of an ECR host, or undefined for any other registry. The region is taken from the name. */
export function parseEcrHost(host: string): EcrRegistry | undefined {
  const match = ecrHost.exec(host)
  if (match === null) return undefined
  const [, account = '', service, region = '', china] = match
  if (region.startsWith('cn-') !== (china !== undefined)) return undefined
  return {
    host,
    account,
    region,
    partition: china !== undefined ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws',
    fips: service === 'ecr-fips'
  }
}

/** As parseEcrHost; throws CodedError `invalid-reference` for a host that is not ECR. */
export function requireEcrHost(host: string): EcrRegistry {
  const registry = parseEcrHost(host)
  if (registry === undefined)
    throw new CodedError(
      'invalid-reference',
      `${JSON.stringify(host)} is not the host of an ECR registry; expected <account>.dkr.ecr.<region>.amazonaws.com`,
      { remedy: 'Copy the registry URI from the ECR console, without https:// and without a repository.' }
    )
  return registry
}

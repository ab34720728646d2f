import { variable } from '@fast-mcp/environment'
import { parseEcrHost } from '@fast-mcp/versioning'
import { z } from 'zod'

const yes = z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional()

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)

/** The variables that say how the stack on AWS is made. On this machine the service is the same without them. */
export const awsVariables = {
  STAGE: variable(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,20}$/)
      .optional(),
    {
      description: 'Stage on AWS; the stack is named quilt-mcp-<stage>.',
      accepts: 'up to 21 lower-case letters, digits and -',
      unset: 'dev'
    }
  ),
  CERTIFICATE_ARN: variable(
    z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/)
      .optional(),
    {
      description: 'Certificate of the load balancer on AWS, for DOMAIN_NAME.',
      accepts: 'the ARN of an ACM certificate in the region of the stack',
      unset: 'made for DOMAIN_NAME; without a domain, CloudFront and its own name'
    }
  ),
  DOMAIN_NAME: variable(
    z
      .string()
      .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/)
      .optional(),
    {
      description: 'Name of the endpoint on AWS.',
      accepts: 'a host name such as mcp.example.org',
      unset: 'the name that CloudFront gives'
    }
  ),
  HOSTED_ZONE_ID: variable(
    z
      .string()
      .regex(/^Z[A-Z0-9]{1,31}$/)
      .optional(),
    {
      description:
        'Route 53 zone in which the alias of DOMAIN_NAME and the proof of its certificate are made.',
      accepts: 'the id of a hosted zone'
    }
  ),
  ALLOW_PLAIN_HTTP: variable(yes, {
    description: 'Serve plain HTTP on AWS, for a closed network. Never together with authentication.',
    accepts: 'true or false',
    unset: 'false'
  }),
  PRIVATE_SUBNETS: variable(yes, {
    description: 'Run the tasks on AWS in private subnets, behind a NAT gateway.',
    accepts: 'true or false',
    unset: 'false'
  }),
  WAF: variable(yes, {
    description: 'Put a web application firewall in front on AWS: managed rules and a rate limit.',
    accepts: 'true or false',
    unset: 'false'
  }),
  ALARM_TOPIC_ARN: variable(
    z
      .string()
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/)
      .optional(),
    { description: 'SNS topic that alarms on AWS are sent to.', accepts: 'the ARN of an SNS topic' }
  ),
  ACCESS_LOG_BUCKET: variable(bucketName.optional(), {
    description: 'Bucket for the access logs of the load balancer on AWS.',
    accepts: 'the name of a bucket that load balancers may write to',
    unset: 'no access logs'
  }),
  DATA_BUCKETS: variable(
    z
      .string()
      .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
      .pipe(z.array(bucketName).min(1))
      .optional(),
    {
      description: 'Buckets whose Quilt packages the server on AWS serves and its task role may read.',
      accepts: 'names of buckets, separated by commas or blanks',
      unset: 'the sample registry, no bucket'
    }
  ),
  DATA_WRITE: variable(yes, {
    description: 'The task role on AWS may also write to DATA_BUCKETS.',
    accepts: 'true or false',
    unset: 'false'
  }),
  SERVER_ENVIRONMENT: variable(
    z
      .string()
      .transform(parseObject)
      .pipe(z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()))
      .optional(),
    {
      description: 'More variables of the server. They are readable in the task definition: no secrets.',
      accepts: 'a JSON object of texts such as {"LOG_LEVEL":"debug"}',
      unset: 'none'
    }
  ),
  COSIGN_KEY: variable(z.string().min(1).optional(), {
    description: 'Key that cosign signs the pushed image with.',
    accepts: 'a path or a key URI that cosign takes',
    unset: 'the image is not signed'
  })
}

interface Settings extends z.output<z.ZodObject<typeof awsVariables>> {
  readonly ECR_REGISTRY?: string | undefined
  readonly CDK_DEFAULT_ACCOUNT?: string | undefined
  readonly CDK_DEFAULT_REGION?: string | undefined
}

/** Where the stack goes: CDK_DEFAULT_*, else what the registry's name says. Undefined parts are open. */
export function awsPlace(
  settings: Pick<Settings, 'ECR_REGISTRY' | 'CDK_DEFAULT_ACCOUNT' | 'CDK_DEFAULT_REGION'>
): {
  readonly account: string | undefined
  readonly region: string | undefined
} {
  const ecr = settings.ECR_REGISTRY === undefined ? undefined : parseEcrHost(settings.ECR_REGISTRY)
  return {
    account: settings.CDK_DEFAULT_ACCOUNT ?? ecr?.account,
    region: settings.CDK_DEFAULT_REGION ?? ecr?.region
  }
}

/** What of the settings does not go together, one sentence each. Nothing is asked for it. */
export function contradictions(settings: Settings): readonly string[] {
  const { CERTIFICATE_ARN, DOMAIN_NAME, HOSTED_ZONE_ID } = settings
  const [plain, firewall] = [settings.ALLOW_PLAIN_HTTP === true, settings.WAF === true]
  const { account, region } = awsPlace(settings)
  const ecr = settings.ECR_REGISTRY === undefined ? undefined : parseEcrHost(settings.ECR_REGISTRY)
  const certificateRegion = CERTIFICATE_ARN?.split(':')[3]
  const overCloudFront = CERTIFICATE_ARN === undefined && DOMAIN_NAME === undefined && !plain
  const wrong: readonly (readonly [boolean, string])[] = [
    [
      ecr !== undefined && region !== ecr.region,
      `CDK_DEFAULT_REGION is ${String(region)}, the registry of ECR_REGISTRY is in ${String(ecr?.region)}: choose one region for both`
    ],
    [
      ecr !== undefined && account !== ecr.account,
      `CDK_DEFAULT_ACCOUNT is ${String(account)}, the registry of ECR_REGISTRY is of ${String(ecr?.account)}: choose one account for both`
    ],
    [
      CERTIFICATE_ARN !== undefined && DOMAIN_NAME === undefined,
      'CERTIFICATE_ARN is set and DOMAIN_NAME is not: a certificate is for a name'
    ],
    [
      DOMAIN_NAME !== undefined && CERTIFICATE_ARN === undefined && HOSTED_ZONE_ID === undefined,
      'DOMAIN_NAME is set with neither CERTIFICATE_ARN nor HOSTED_ZONE_ID: a certificate is given, or made with proof in a zone'
    ],
    [
      HOSTED_ZONE_ID !== undefined && DOMAIN_NAME === undefined,
      'HOSTED_ZONE_ID is set and DOMAIN_NAME is not: there is no name to make in the zone'
    ],
    [
      certificateRegion !== undefined && region !== undefined && certificateRegion !== region,
      `CERTIFICATE_ARN is in ${String(certificateRegion)}, the stack in ${String(region)}: a load balancer takes certificates of its own region`
    ],
    [
      plain && (CERTIFICATE_ARN ?? DOMAIN_NAME) !== undefined,
      'ALLOW_PLAIN_HTTP is true with a certificate or a domain: choose one'
    ],
    [
      plain && (settings.SERVER_ENVIRONMENT?.['AUTH'] ?? 'none') !== 'none',
      'ALLOW_PLAIN_HTTP is true and SERVER_ENVIRONMENT turns authentication on: tokens would travel in the clear'
    ],
    [
      firewall && overCloudFront && region !== undefined && region !== 'us-east-1',
      `WAF is true, and the entrance is CloudFront with the stack in ${String(region)}: its web ACL must be in us-east-1; use a domain or that region`
    ],
    [
      settings.DATA_WRITE === true && settings.DATA_BUCKETS === undefined,
      'DATA_WRITE is true and DATA_BUCKETS is unset: there is nothing to write to'
    ]
  ]
  return wrong.flatMap(([holds, sentence]) => (holds ? [sentence] : []))
}

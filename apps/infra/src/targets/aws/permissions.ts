/** What a phase needs to be allowed on AWS. */
export interface Permission {
  readonly phase: 'catalog' | 'deploy'
  /** Stable name of the statement. */
  readonly sid: string
  readonly actions: readonly string[]
  /** ARNs, with `${Region}`, `${Account}`, `${Stage}` and `${Repository}` to fill in. `*` alone: the actions take none. */
  readonly resources: readonly string[]
  readonly why: string
}

const stack = 'arn:aws:cloudformation:${Region}:${Account}:stack/quilt-mcp-${Stage}/*'
const service = [
  'arn:aws:ecs:${Region}:${Account}:service/quilt-mcp-${Stage}-*/*',
  'arn:aws:ecs:${Region}:${Account}:cluster/quilt-mcp-${Stage}-*'
]
const repository = 'arn:aws:ecr:${Region}:${Account}:repository/${Repository}'

/**
 * Every call that the programs make, by phase. What CloudFormation does on their behalf is done by the CDK's bootstrap
 * roles. A test records the calls on an emulated account and compares.
 */
export const permissions: readonly Permission[] = [
  {
    phase: 'catalog',
    sid: 'Login',
    actions: ['ecr:GetAuthorizationToken'],
    resources: ['*'],
    why: 'logs in to the registry; the action takes no resource'
  },
  {
    phase: 'catalog',
    sid: 'Repository',
    actions: [
      'ecr:CreateRepository',
      'ecr:DescribeRepositories',
      'ecr:GetLifecyclePolicy',
      'ecr:PutLifecyclePolicy',
      'ecr:DescribeImages',
      'ecr:BatchGetImage',
      'ecr:BatchCheckLayerAvailability',
      'ecr:GetDownloadUrlForLayer',
      'ecr:InitiateLayerUpload',
      'ecr:UploadLayerPart',
      'ecr:CompleteLayerUpload',
      'ecr:PutImage'
    ],
    resources: [repository],
    why: 'makes the repository, pushes the image and what refers to it, pulls it again'
  },
  {
    phase: 'catalog',
    sid: 'Caller',
    actions: ['sts:GetCallerIdentity'],
    resources: ['*'],
    why: 'compares the account; the action takes no resource'
  },
  {
    phase: 'deploy',
    sid: 'Caller',
    actions: ['sts:GetCallerIdentity'],
    resources: ['*'],
    why: 'compares the account; the action takes no resource'
  },
  {
    phase: 'deploy',
    sid: 'Bootstrap',
    actions: ['sts:AssumeRole'],
    resources: ['arn:aws:iam::${Account}:role/cdk-hnb659fds-*-${Account}-${Region}'],
    why: 'the CDK deploys with the roles of its bootstrap stack'
  },
  {
    phase: 'deploy',
    sid: 'Stack',
    actions: [
      'cloudformation:DescribeStacks',
      'cloudformation:DescribeStackEvents',
      'cloudformation:ListStackResources',
      'cloudformation:GetTemplate',
      'cloudformation:UpdateStack',
      'cloudformation:DeleteStack'
    ],
    resources: [stack],
    why: 'reads the stack, rolls it back, deletes it'
  },
  {
    phase: 'deploy',
    sid: 'Service',
    actions: ['ecs:DescribeServices', 'ecs:DescribeTasks'],
    resources: [...service, 'arn:aws:ecs:${Region}:${Account}:task/quilt-mcp-${Stage}-*/*'],
    why: 'reads rollout and tasks'
  },
  {
    phase: 'deploy',
    sid: 'Tasks',
    actions: ['ecs:ListTasks', 'ecs:DescribeTaskDefinition'],
    resources: ['*'],
    why: 'lists tasks by service and reads the image; the actions take no resource that is known before'
  },
  {
    phase: 'deploy',
    sid: 'Balancer',
    actions: [
      'elasticloadbalancing:DescribeTargetHealth',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeLoadBalancerAttributes'
    ],
    resources: ['*'],
    why: 'reads targets and health checks; the actions take no resource'
  },
  {
    phase: 'deploy',
    sid: 'Network',
    actions: ['ec2:DescribeSubnets', 'ec2:DescribeRouteTables', 'ec2:DescribeManagedPrefixLists'],
    resources: ['*'],
    why: 'finds subnets of VPC_ID and the addresses of CloudFront; the actions take no resource'
  },
  {
    phase: 'deploy',
    sid: 'History',
    actions: ['ssm:GetParameter', 'ssm:PutParameter'],
    resources: ['arn:aws:ssm:${Region}:${Account}:parameter/quilt-mcp-${Stage}/history'],
    why: 'keeps which versions were deployed and passed'
  },
  {
    phase: 'deploy',
    sid: 'Logs',
    actions: ['logs:FilterLogEvents', 'logs:GetLogEvents'],
    resources: ['arn:aws:logs:${Region}:${Account}:log-group:quilt-mcp-${Stage}-*'],
    why: 'checks that logs stream, shows the last lines of a task that failed'
  },
  {
    phase: 'deploy',
    sid: 'Metrics',
    actions: ['cloudwatch:GetMetricData'],
    resources: ['*'],
    why: 'checks that metrics arrive; the action takes no resource'
  },
  {
    phase: 'deploy',
    sid: 'Image',
    actions: ['ecr:DescribeImages', 'ecr:BatchGetImage', 'ecr:PutImage'],
    resources: [repository],
    why: 'checks that the image of the version before can still be run, and tags what is deployed so that it stays'
  },
  {
    phase: 'deploy',
    sid: 'AccessLogs',
    actions: ['s3:ListBucket'],
    resources: ['arn:aws:s3:::${AccessLogBucket}'],
    why: 'checks that access logs arrive, where ACCESS_LOG_BUCKET is set'
  }
]

/** All actions, each once. */
export function grantedActions(): readonly string[] {
  return [...new Set(permissions.flatMap(({ actions }) => actions))]
}

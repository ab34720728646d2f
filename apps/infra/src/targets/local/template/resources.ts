import { z } from 'zod'
import { ignored } from './ignored.ts'

/**
 * What the local target understands of each resource type: what it acts on (with the values it can act on), and what
 * it leaves out, with the reason. A property or value that is in neither is an error. Property names and values:
 * CloudFormation template reference.
 */

export interface ResourceKind<S extends z.ZodType = z.ZodType> {
  /** Such as `AWS::ECS::Service`. */
  readonly type: string
  /** Reads the resource's properties, references to parameters resolved. */
  readonly properties: S
}

function kind<S extends z.ZodType>(type: string, properties: S): ResourceKind<S> {
  return { type, properties }
}

const reference = z.strictObject({ Ref: z.string() }).transform(({ Ref }) => Ref)
const name = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/)
const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional()
const seconds = z.int().min(0).max(3600)
const tcpPort = z.int().min(1).max(65535)
const digits = z
  .string()
  .regex(/^[0-9]{1,6}$/)
  .transform(Number)

/** A list of Key and Value with known keys, as one object. */
function attributes<S extends z.ZodRawShape>(shape: S) {
  return z
    .array(z.strictObject({ Key: z.string(), Value: z.string() }))
    .default([])
    .transform((list): unknown => Object.fromEntries(list.map(({ Key, Value }) => [Key, Value])))
    .pipe(z.strictObject(shape))
}

/** A variable whose value only AWS knows, such as the name of the entrance: the server's own default is right here. */
const givenByAws = z
  .strictObject({
    Name: name,
    Value: z.record(z.literal(['Fn::Join', 'Fn::GetAtt', 'Ref']), z.unknown())
  })
  .transform(({ Name }) => ({ Name }))

const container = z.strictObject({
  Name: name,
  Image: z.string().regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/),
  Essential: z.literal(true),
  Command: z.array(z.string()).optional(),
  Environment: z
    .array(z.union([z.strictObject({ Name: name, Value: z.string() }), givenByAws]))
    .default([])
    .transform((list) => list.flatMap((entry) => ('Value' in entry ? [entry] : []))),
  PortMappings: z.tuple([
    z.strictObject({
      ContainerPort: tcpPort,
      Protocol: z.literal('tcp').default('tcp'),
      Name: ignored('names a port for service discovery, which one service behind one balancer does not need')
    })
  ]),
  User: z.string().regex(/^[0-9]{1,9}(?::[0-9]{1,9})?$/),
  ReadonlyRootFilesystem: z.boolean().default(false),
  MountPoints: z
    .array(
      z.strictObject({
        ContainerPath: z.string().regex(/^(?:\/[A-Za-z0-9_.-]+)+$/),
        SourceVolume: name,
        ReadOnly: z.literal(false)
      })
    )
    .default([]),
  LinuxParameters: z.strictObject({
    Capabilities: z.strictObject({ Drop: z.tuple([z.literal('ALL')]) }),
    InitProcessEnabled: ignored(
      'the server starts no processes and handles SIGTERM as process 1; engines do not all bring an init'
    )
  }),
  StopTimeout: seconds.default(30),
  HealthCheck: z.strictObject({
    Command: z.tuple([z.literal('CMD'), z.string()], z.string()).transform(([, ...command]) => command),
    Interval: seconds.default(30),
    Timeout: seconds.default(5),
    Retries: z.int().min(1).max(10).default(3),
    StartPeriod: seconds.default(0)
  }),
  LogConfiguration: z.strictObject({
    LogDriver: z.literal('awslogs'),
    Options: z.strictObject({
      'awslogs-group': reference,
      'awslogs-stream-prefix': ignored('logs lie in one file a task, named after the task'),
      'awslogs-region': ignored('logs stay on this machine'),
      mode: ignored('the engine reads the output itself; there is no log service that could fall behind'),
      'max-buffer-size': ignored('as mode')
    })
  })
})

export const taskDefinition = kind(
  'AWS::ECS::TaskDefinition',
  z.strictObject({
    ContainerDefinitions: z.tuple([container]),
    // without a host path: a volume that begins empty and ends with its task
    Volumes: z.array(z.strictObject({ Name: name })).default([]),
    Cpu: digits,
    Memory: digits,
    Family: ignored('task definitions have no versions of their own here: the state keeps what ran'),
    NetworkMode: z.literal('awsvpc'),
    RequiresCompatibilities: z.tuple([z.literal('FARGATE')]),
    RuntimePlatform: z.strictObject({
      CpuArchitecture: z.literal('X86_64'),
      OperatingSystemFamily: z.literal('LINUX')
    }),
    ExecutionRoleArn: ignored('the engine pulls images itself'),
    TaskRoleArn: ignored('tasks on this machine hold no AWS permissions'),
    Tags: tags
  })
)

export const service = kind(
  'AWS::ECS::Service',
  z.strictObject({
    Cluster: reference,
    TaskDefinition: reference,
    DesiredCount: z.int().min(1).max(20),
    DeploymentConfiguration: z.strictObject({
      MaximumPercent: z.int().min(100).max(400),
      MinimumHealthyPercent: z.int().min(0).max(100),
      DeploymentCircuitBreaker: z.strictObject({
        Enable: z.literal(true),
        Rollback: z.literal(true),
        ResetOnHealthyTask: ignored('a rollout here ends with the first task that does not come up')
      }),
      Alarms: ignored('alarms are CloudWatch’s; here a rollout ends before the program does')
    }),
    DeploymentController: z.strictObject({ Type: z.literal('ECS') }).optional(),
    HealthCheckGracePeriodSeconds: seconds.default(0),
    LaunchType: z.literal('FARGATE'),
    LoadBalancers: z.tuple([
      z.strictObject({ ContainerName: name, ContainerPort: tcpPort, TargetGroupArn: reference })
    ]),
    EnableECSManagedTags: ignored('containers carry their own labels'),
    NetworkConfiguration: ignored('tasks listen on loopback of this machine; there is no virtual network'),
    PropagateTags: ignored('containers always carry the service’s tags as labels'),
    Tags: tags
  })
)

export const targetGroup = kind(
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  z.strictObject({
    Protocol: z.literal('HTTP'),
    Port: ignored('each task is registered with its own port'),
    TargetType: z.literal('ip'),
    VpcId: ignored('there is no virtual network'),
    HealthCheckPath: z.string().regex(/^\/[A-Za-z0-9._~/-]*$/),
    HealthCheckIntervalSeconds: ignored(
      'the load balancer asks twice a second: on loopback that costs nothing, and a rollout waits for the answers'
    ),
    HealthCheckTimeoutSeconds: z.int().min(2).max(120),
    HealthyThresholdCount: z.int().min(2).max(10),
    UnhealthyThresholdCount: z.int().min(2).max(10),
    Matcher: z.strictObject({
      HttpCode: z.string().regex(/^[2-4][0-9]{2}(?:[-,][2-4][0-9]{2})*$/)
    }),
    TargetGroupAttributes: attributes({
      'deregistration_delay.timeout_seconds': digits,
      'stickiness.enabled': z.literal('false').optional(),
      'load_balancing.algorithm.type': z
        .enum(['round_robin', 'least_outstanding_requests'])
        .default('round_robin')
    })
  })
)

export const loadBalancer = kind(
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  z.strictObject({
    Type: z.literal('application'),
    LoadBalancerAttributes: attributes({
      'idle_timeout.timeout_seconds': digits.default(60),
      'access_logs.s3.enabled': ignored('there is no bucket; HAProxy counts requests and errors'),
      'access_logs.s3.bucket': ignored('as access_logs.s3.enabled'),
      'access_logs.s3.prefix': ignored('as access_logs.s3.enabled'),
      'deletion_protection.enabled': ignored('destroy removes everything on this machine'),
      'routing.http.drop_invalid_header_fields.enabled': ignored(
        'HAProxy refuses invalid header names itself'
      )
    }),
    Scheme: ignored('the endpoint listens on loopback only'),
    SecurityGroups: ignored('the endpoint listens on loopback only'),
    Subnets: ignored('there is no virtual network')
  })
)

export const listener = kind(
  'AWS::ElasticLoadBalancingV2::Listener',
  z.strictObject({
    LoadBalancerArn: reference,
    DefaultActions: z.tuple([z.strictObject({ Type: z.literal('forward'), TargetGroupArn: reference })]),
    Certificates: ignored('the certificate on this machine is one of the workspace'),
    SslPolicy: ignored('HAProxy takes TLS 1.2 and above'),
    Port: ignored('LOCAL_HTTPS_PORT names the port on this machine'),
    Protocol: ignored('the endpoint on this machine is always HTTPS, with a certificate of the workspace')
  })
)

export const cluster = kind(
  'AWS::ECS::Cluster',
  z.strictObject({
    ClusterSettings: ignored('metrics of containers are CloudWatch’s')
  })
)

export const logGroup = kind(
  'AWS::Logs::LogGroup',
  z.strictObject({ RetentionInDays: z.int().min(1).max(3653) })
)

/** The resource types the local target acts on. */
export const resourceKinds: readonly ResourceKind[] = [
  taskDefinition,
  service,
  cluster,
  targetGroup,
  loadBalancer,
  listener,
  logGroup
]

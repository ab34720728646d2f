import { Duration, Size, type CfnParameter } from 'aws-cdk-lib'
import {
  AwsLogDriverMode,
  Capability,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily
} from 'aws-cdk-lib/aws-ecs'
import type { IRepository } from 'aws-cdk-lib/aws-ecr'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { containerPort } from './container-port.ts'

/** The one volume that a task may write to; it ends with the task. */
const scratch = 'scratch'

export interface McpTaskProps {
  /** The image with its digest, `<registry>/<repository>@sha256:…`. */
  readonly imageUri: CfnParameter
  /** Repository the execution role may pull from. @default - the image's registry needs no permission */
  readonly repository?: IRepository
  readonly logGroup: ILogGroup
  /** Environment variables of the server. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * One task: the server's container and the limits it runs in. It is the same task everywhere: non-root, read-only
 * root file system but for /tmp, no capabilities, an init process that passes signals on and reaps.
 */
export class McpTask extends Construct {
  readonly definition: FargateTaskDefinition

  constructor(scope: Construct, id: string, props: McpTaskProps) {
    super(scope, id)
    this.definition = new FargateTaskDefinition(this, 'Definition', {
      cpu: 512,
      memoryLimitMiB: 1024,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.X86_64,
        operatingSystemFamily: OperatingSystemFamily.LINUX
      }
    })
    const linuxParameters = new LinuxParameters(this, 'Linux', { initProcessEnabled: true })
    linuxParameters.dropCapabilities(Capability.ALL)
    this.definition.addVolume({ name: scratch })
    const server = this.definition.addContainer('server', {
      containerName: 'server',
      image: ContainerImage.fromRegistry(props.imageUri.valueAsString),
      essential: true,
      user: '1000:1000',
      readonlyRootFilesystem: true,
      linuxParameters,
      environment: { ...props.environment },
      portMappings: [{ containerPort, name: 'http' }],
      stopTimeout: Duration.seconds(60),
      healthCheck: {
        command: ['CMD', 'node', '/app/main.js', '--health'],
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        retries: 3,
        startPeriod: Duration.seconds(10)
      },
      logging: LogDrivers.awsLogs({
        logGroup: props.logGroup,
        streamPrefix: 'server',
        // A log service that does not keep up must not stop requests.
        mode: AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(4)
      })
    })
    // What can be made again lies here: indexes of packages, manifests on their way to a registry.
    server.addMountPoints({ sourceVolume: scratch, containerPath: '/tmp', readOnly: false })
    props.repository?.grantPull(this.definition.obtainExecutionRole())
  }
}

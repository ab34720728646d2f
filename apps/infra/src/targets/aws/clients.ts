import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ECRClient } from '@aws-sdk/client-ecr'
import { ECSClient } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { S3Client } from '@aws-sdk/client-s3'
import { SSMClient } from '@aws-sdk/client-ssm'
import { STSClient } from '@aws-sdk/client-sts'

/** One client for each service, all in the region of the stack, with the credentials of the default chain. */
export interface AwsClients {
  readonly cloudFormation: CloudFormationClient
  readonly cloudWatch: CloudWatchClient
  readonly logs: CloudWatchLogsClient
  readonly ec2: EC2Client
  readonly ecr: ECRClient
  readonly ecs: ECSClient
  readonly balancing: ElasticLoadBalancingV2Client
  readonly s3: S3Client
  readonly ssm: SSMClient
  readonly sts: STSClient
}

/** Profile and role come from AWS_PROFILE and the AWS configuration files; throttled calls are tried five times. */
export function awsClients(region: string): AwsClients {
  const options = { region, maxAttempts: 5 }
  return {
    cloudFormation: new CloudFormationClient(options),
    cloudWatch: new CloudWatchClient(options),
    logs: new CloudWatchLogsClient(options),
    ec2: new EC2Client(options),
    ecr: new ECRClient(options),
    ecs: new ECSClient(options),
    balancing: new ElasticLoadBalancingV2Client(options),
    s3: new S3Client(options),
    ssm: new SSMClient(options),
    sts: new STSClient(options)
  }
}

import { Validations, type Stack } from 'aws-cdk-lib'

/** Findings of cdk-nag's AWS Solutions rules that are taken as they are, and why. */
const acknowledged: readonly { readonly id: string; readonly reason: string }[] = [
  {
    id: 'AwsSolutions-VPC7',
    reason:
      'Flow logs cost by volume and say nothing that the load balancer and the service do not log; whoever needs them has a VPC of their own (VPC_ID).'
  },
  {
    id: 'AwsSolutions-ELB2',
    reason: 'Access logs are written where ACCESS_LOG_BUCKET names a bucket for them.'
  },
  {
    id: 'AwsSolutions-EC23',
    reason: 'A public endpoint: the load balancer, and nothing else, is open to the internet on its one port.'
  },
  { id: 'AwsSolutions-CFR1', reason: 'Clients may be anywhere.' },
  { id: 'AwsSolutions-CFR2', reason: 'WAF=true puts a web application firewall in front.' },
  {
    id: 'AwsSolutions-CFR3',
    reason:
      'The load balancer behind it logs every request where ACCESS_LOG_BUCKET is set: nothing is cached.'
  },
  {
    id: 'AwsSolutions-CFR4',
    reason:
      'With CloudFront’s own name the protocol version cannot be chosen; DOMAIN_NAME brings a certificate and a policy of TLS 1.2 and above.'
  },
  {
    id: 'AwsSolutions-ECS2',
    reason: 'The variables are settings such as host and port; secrets do not go into the environment.'
  },
  {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'ecr:GetAuthorizationToken takes no resource; every other statement of the role names its own.'
  }
]

/** Acknowledges what is taken as it is; every other finding of cdk-nag fails the synthesis that asks for it. */
export function acknowledgeFindings(stack: Stack, dataBuckets: readonly string[]): void {
  const objects = dataBuckets.map((bucket) => ({
    id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${bucket}/*]`,
    reason: 'The server serves every package of a bucket that DATA_BUCKETS names.'
  }))
  Validations.of(stack).acknowledge(...acknowledged, ...objects)
}

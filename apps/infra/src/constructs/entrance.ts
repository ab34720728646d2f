import { Aws, CfnParameter, Duration, Fn, Stack } from 'aws-cdk-lib'
import { CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager'
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  ViewerProtocolPolicy
} from 'aws-cdk-lib/aws-cloudfront'
import { VpcOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { Peer, Port, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import type { FargateService } from 'aws-cdk-lib/aws-ecs'
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ListenerCertificate,
  SslPolicy,
  TargetGroupLoadBalancingAlgorithmType,
  type ApplicationTargetGroup
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53'
import { Construct } from 'constructs'
import { containerPort } from './container-port.ts'

/** How clients come in. */
export type EntranceAccess =
  /** CloudFront with its own name and certificate; the load balancer has no public address. */
  | { readonly kind: 'cloudfront' }
  /** A name with a certificate that exists, or one that is made with proof in a zone. */
  | {
      readonly kind: 'domain'
      readonly domain: string
      readonly certificateArn: string | undefined
      readonly hostedZoneId: string | undefined
    }
  /** Plain HTTP, for a closed network. */
  | { readonly kind: 'plain' }

export interface EntranceProps {
  readonly vpc: IVpc
  readonly subnets: SubnetSelection
  readonly access: EntranceAccess
  /** Bucket for access logs. @default - none are written */
  readonly accessLogBucket?: string
}

/** The way in: load balancer, and what makes it valid HTTPS. Tasks come behind it by `admit`. */
export class Entrance extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer
  readonly distribution: Distribution | undefined
  /** Without a path. */
  readonly url: string
  /** Value of the Host header of clients' requests. */
  readonly host: string
  /** Proxies between a caller and a task. */
  readonly hops: number
  readonly #access: EntranceAccess

  constructor(scope: Construct, id: string, { vpc, subnets, access, accessLogBucket }: EntranceProps) {
    super(scope, id)
    this.#access = access
    this.loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      vpcSubnets: subnets,
      internetFacing: access.kind !== 'cloudfront',
      idleTimeout: Duration.seconds(60),
      dropInvalidHeaderFields: true
    })
    if (accessLogBucket !== undefined) {
      // By attributes: the CDK's own method wants the region at synthesis, to write a policy it cannot write here.
      this.loadBalancer.setAttribute('access_logs.s3.enabled', 'true')
      this.loadBalancer.setAttribute('access_logs.s3.bucket', accessLogBucket)
      this.loadBalancer.setAttribute('access_logs.s3.prefix', Stack.of(this).stackName)
    }
    this.hops = access.kind === 'cloudfront' ? 2 : 1
    switch (access.kind) {
      case 'cloudfront':
        this.distribution = this.#distribute()
        this.host = this.distribution.distributionDomainName
        this.url = `https://${this.host}`
        break
      case 'domain':
        this.host = access.domain
        this.url = `https://${this.host}`
        break
      case 'plain':
        this.host = this.loadBalancer.loadBalancerDnsName
        this.url = `http://${this.host}`
    }
  }

  /** Forwards requests to the service's tasks that are healthy. */
  admit(service: FargateService): ApplicationTargetGroup {
    const access = this.#access
    const listener = this.loadBalancer.addListener('Listener', {
      open: access.kind !== 'cloudfront',
      ...(access.kind === 'domain'
        ? {
            port: 443,
            protocol: ApplicationProtocol.HTTPS,
            certificates: [ListenerCertificate.fromArn(this.#certificate(access))],
            sslPolicy: SslPolicy.RECOMMENDED_TLS
          }
        : { port: 80, protocol: ApplicationProtocol.HTTP })
    })
    return listener.addTargets('Tasks', {
      port: containerPort,
      protocol: ApplicationProtocol.HTTP,
      targets: [service.loadBalancerTarget({ containerName: 'server', containerPort })],
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: '/health',
        healthyHttpCodes: '200',
        interval: Duration.seconds(5),
        timeout: Duration.seconds(2),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2
      }
    })
  }

  #distribute(): Distribution {
    const prefixList = new CfnParameter(this, 'CloudFrontPrefixListId', {
      description: 'Managed prefix list com.amazonaws.global.cloudfront.origin-facing of the region.',
      default: 'pl-00000000',
      allowedPattern: '^pl-[0-9a-f]+$'
    })
    prefixList.overrideLogicalId('CloudFrontPrefixListId')
    this.loadBalancer.connections.allowFrom(
      Peer.prefixList(prefixList.valueAsString),
      Port.tcp(80),
      'CloudFront only'
    )
    return new Distribution(this, 'Distribution', {
      comment: Aws.STACK_NAME,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: VpcOrigin.withApplicationLoadBalancer(this.loadBalancer, {
          vpcOriginName: Aws.STACK_NAME,
          protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
          httpPort: 80,
          readTimeout: Duration.seconds(60),
          keepaliveTimeout: Duration.seconds(50)
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        allowedMethods: AllowedMethods.ALLOW_ALL,
        cachePolicy: CachePolicy.CACHING_DISABLED,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER
      }
    })
  }

  /** ARN of the certificate; makes it, and the name's alias, where there is a zone to make them in. */
  #certificate(access: EntranceAccess & { readonly kind: 'domain' }): string {
    const { domain, certificateArn, hostedZoneId } = access
    if (hostedZoneId !== undefined)
      new CfnRecordSet(this, 'Alias', {
        hostedZoneId,
        name: domain,
        type: 'A',
        aliasTarget: {
          dnsName: Fn.join('', ['dualstack.', this.loadBalancer.loadBalancerDnsName]),
          hostedZoneId: this.loadBalancer.loadBalancerCanonicalHostedZoneId
        }
      })
    if (certificateArn !== undefined) return certificateArn
    return new CfnCertificate(this, 'Certificate', {
      domainName: domain,
      validationMethod: 'DNS',
      domainValidationOptions: [
        { domainName: domain, ...(hostedZoneId === undefined ? {} : { hostedZoneId }) }
      ]
    }).ref
  }
}

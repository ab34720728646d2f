import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DescribeLoadBalancerAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Finding } from '@fast-mcp/validation'
import type { AwsClients } from './clients.ts'
import type { ServiceNames } from './running-service.ts'

/** Every task has logged something within that time, and every metric has a value. */
const windowMs = 15 * 60_000

const metricNames = ['CPUUtilization', 'MemoryUtilization']

/** The metrics by their values: the list of metrics knows a new one only after a quarter of an hour. */
export async function metricsFinding(
  { cloudWatch }: AwsClients,
  { cluster, service }: ServiceNames
): Promise<Finding> {
  const now = Date.now()
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(now - windowMs),
      EndTime: new Date(now + 60_000),
      MetricDataQueries: metricNames.map((MetricName) => ({
        Id: MetricName.toLowerCase(),
        MetricStat: {
          Metric: {
            Namespace: 'AWS/ECS',
            MetricName,
            Dimensions: [
              { Name: 'ClusterName', Value: cluster },
              { Name: 'ServiceName', Value: service }
            ]
          },
          Period: 60,
          Stat: 'Average'
        }
      }))
    })
  )
  const counts = metricNames.map((name) => ({
    name,
    values: MetricDataResults.find(({ Id }) => Id === name.toLowerCase())?.Values?.length ?? 0
  }))
  return {
    status: counts.every(({ values }) => values > 0) ? 'passed' : 'failed',
    evidence: `values within 15 minutes: ${counts.map(({ name, values }) => `${name} ${values}`).join(', ')}`
  }
}

/** More are as good as none: CloudWatch may give pages without events before the first that has some. */
const mostPages = 20

/** How many events a stream got lately, up to the first page that has some. */
export async function recentEvents(
  { logs }: AwsClients,
  logGroupName: string,
  stream: string
): Promise<number> {
  let nextToken: string | undefined
  try {
    for (let page = 0; page < mostPages; page++) {
      const found: { events?: readonly unknown[] | undefined; nextToken?: string | undefined } =
        await logs.send(
          new FilterLogEventsCommand({
            logGroupName,
            logStreamNames: [stream],
            startTime: Date.now() - windowMs,
            limit: 100,
            nextToken
          })
        )
      const count = found.events?.length ?? 0
      nextToken = found.nextToken
      if (count > 0 || nextToken === undefined) return count
    }
    return 0
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return 0
    throw error
  }
}

/** Written by Elastic Load Balancing when access logs are turned on, to try its rights: no log. */
const testFile = 'ELBAccessLogTestFile'

export async function accessLogFinding(clients: AwsClients, loadBalancer: string): Promise<Finding> {
  const { Attributes = [] } = await clients.balancing.send(
    new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancer })
  )
  const attribute = (key: string): string | undefined => Attributes.find(({ Key }) => Key === key)?.Value
  if (attribute('access_logs.s3.enabled') !== 'true')
    return { status: 'not-applicable', reason: 'ACCESS_LOG_BUCKET is unset: no access logs are configured' }
  const [Bucket = '', Prefix = ''] = [attribute('access_logs.s3.bucket'), attribute('access_logs.s3.prefix')]
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 10 }))
  const logs = Contents.filter(({ Key = '' }) => !Key.endsWith(testFile)).length
  return {
    status: logs > 0 ? 'passed' : 'failed',
    evidence: `${logs} access logs below s3://${Bucket}/${Prefix}${Contents.length > logs ? `, beside ${testFile}` : ''}`
  }
}

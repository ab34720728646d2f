import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  TreatMissingData,
  type Metric
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { AlarmBehavior, type FargateService } from 'aws-cdk-lib/aws-ecs'
import { HttpCodeTarget, type ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'

export interface MonitoringProps {
  readonly service: FargateService
  readonly targetGroup: ApplicationTargetGroup
  /** SNS topic that is told of alarms. @default - nobody is */
  readonly topicArn?: string
}

const period = Duration.minutes(1)

/**
 * Alarms that also turn a rollout back, and a dashboard. Answers with 4xx raise none: 401 and 405 are how clients find
 * out what a server takes.
 */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { service, targetGroup, topicArn }: MonitoringProps) {
    super(scope, id)
    const { metrics } = targetGroup
    const errors = metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { statistic: 'Sum', period })
    const latency = metrics.targetResponseTime({ statistic: 'p90', period })
    const unhealthy = metrics.unhealthyHostCount({ statistic: 'Maximum', period })
    const healthy = metrics.healthyHostCount({ statistic: 'Minimum', period })
    const alarms = [
      this.#alarm('ServerErrors', errors, 10, 'More than 10 answers a minute with a 5xx status.'),
      this.#alarm('Latency', latency, 2, 'One answer in ten takes longer than 2 seconds.'),
      this.#alarm('UnhealthyTasks', unhealthy, 0, 'A task does not answer health checks.')
    ]
    if (topicArn !== undefined) {
      const action = new SnsAction(Topic.fromTopicArn(this, 'Topic', topicArn))
      for (const alarm of alarms) {
        alarm.addAlarmAction(action)
        alarm.addOkAction(action)
      }
    }
    service.enableDeploymentAlarms(
      alarms.map(({ alarmName }) => alarmName),
      { behavior: AlarmBehavior.ROLLBACK_ON_ALARM }
    )
    new Dashboard(this, 'Dashboard').addWidgets(
      new GraphWidget({ title: 'Requests and errors', left: [metrics.requestCount({ period }), errors] }),
      new GraphWidget({
        title: 'Response time (s)',
        left: [metrics.targetResponseTime({ statistic: 'p50', period }), latency]
      }),
      new GraphWidget({ title: 'Tasks', left: [healthy, unhealthy] }),
      new GraphWidget({
        title: 'CPU and memory (%)',
        left: [service.metricCpuUtilization({ period }), service.metricMemoryUtilization({ period })]
      })
    )
  }

  #alarm(id: string, metric: Metric, threshold: number, alarmDescription: string): Alarm {
    return new Alarm(this, id, {
      metric,
      threshold,
      alarmDescription,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING
    })
  }
}

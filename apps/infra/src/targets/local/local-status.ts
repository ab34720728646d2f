import { X509Certificate } from 'node:crypto'
import { CodedError } from '@fast-mcp/errors'
import { readIfThere } from '../../read-if-there.ts'
import type { DeploymentStatus, TaskStatus, TrafficStatus } from '../../target.ts'
import type { DeploymentPaths } from './deployment-paths.ts'
import type { ProxyTraffic, SlotState } from './haproxy/admin.ts'
import type { Proxy } from './haproxy/proxy.ts'
import { latencyOf } from './haproxy/requests.ts'
import { ownRegistryHost, registryAnswers } from './own-registry.ts'
import { readState, type RunningTask } from './state.ts'
import { isAlive } from './tasks/task.ts'

/**
 * What runs on this machine, seen from the state, the processes and the load balancer. The container engine is not
 * asked: that would take longer than all the rest.
 */
export async function localStatus(
  workspace: string,
  paths: DeploymentPaths,
  proxy: Proxy
): Promise<DeploymentStatus> {
  const state = await readState(paths.state)
  if (state === undefined) return { state: 'not-deployed', target: 'local' }
  const [current] = state.history
  const { desiredCount } = current.description.rollout
  const registry = ownRegistryHost(workspace, current.image.reference)
  const [balancer, leaf, answers] = await Promise.all([
    askBalancer(proxy),
    readIfThere(paths.leaf),
    registry === undefined ? undefined : registryAnswers(registry)
  ])
  const tasks = state.tasks.map((task) => taskStatus(task, balancer?.slots ?? []))
  const healthy = tasks.filter(({ health }) => health === 'healthy').length
  const problems = [
    ...(balancer === undefined ? ['the load balancer does not run'] : []),
    ...tasks
      .filter(({ health }) => health !== 'healthy')
      .map(({ name, health, check }) =>
        health === 'gone' ? `${name} has ended` : `${name} is not healthy: ${check || 'never asked'}`
      ),
    ...(healthy < desiredCount ? [`${healthy} of ${desiredCount} tasks are healthy`] : []),
    ...certificateProblems(leaf),
    ...(answers === false ? [`the image registry at ${registry} does not answer`] : [])
  ]
  return {
    state: problems.length === 0 ? 'healthy' : 'unhealthy',
    target: 'local',
    problems,
    endpoint: state.endpoint,
    desiredCount,
    tasks,
    parts: [
      {
        name: 'load balancer',
        what: `HAProxy, port ${state.httpsPort}`,
        state: balancer === undefined ? 'stopped' : `running, process ${balancer.pid}`
      },
      ...(registry === undefined
        ? []
        : [
            {
              name: 'image registry',
              what: registry,
              state: answers === true ? 'running' : 'does not answer'
            }
          ])
    ],
    ...(balancer === undefined ? {} : { traffic: trafficStatus(balancer.traffic) }),
    ...(state.changedAt === undefined ? {} : { changedAt: state.changedAt }),
    history: state.history.map(({ version, image, deployedAt, proof }) => ({
      version,
      digest: image.digest,
      deployedAt,
      proof
    }))
  }
}

interface Balancer {
  readonly pid: number
  readonly slots: readonly SlotState[]
  readonly traffic: ProxyTraffic
}

/** Undefined where the load balancer does not run or does not answer. */
async function askBalancer({ admin }: Proxy): Promise<Balancer | undefined> {
  try {
    const [info, slots, traffic] = await Promise.all([admin.info(), admin.slots(), admin.traffic()])
    return info === undefined ? undefined : { pid: info.pid, slots, traffic }
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}

function trafficStatus({ requestsPerSecond, requests, serverErrors, latest }: ProxyTraffic): TrafficStatus {
  return { requestsPerSecond, requests, serverErrors, latency: latencyOf(latest) }
}

function taskStatus(task: RunningTask, slots: readonly SlotState[]): TaskStatus {
  const slot = slots.find(({ port, status }) => port === task.port && status !== 'maintenance')
  return {
    name: task.name,
    health: isAlive(task.pid) === false ? 'gone' : slot?.status === 'up' ? 'healthy' : 'unhealthy',
    address: `127.0.0.1:${task.port}`,
    check: slot?.check ?? '',
    startedAt: task.startedAt,
    requests: slot?.requests ?? 0,
    active: slot?.sessions ?? 0,
    serverErrors: slot?.serverErrors ?? 0
  }
}

function certificateProblems(pem: string | undefined): readonly string[] {
  if (pem === undefined) return ['the certificate of the endpoint is missing']
  try {
    const { validToDate } = new X509Certificate(pem)
    return validToDate.getTime() > Date.now() ? [] : [`the certificate ended on ${validToDate.toISOString()}`]
  } catch {
    return ['the certificate of the endpoint cannot be read']
  }
}

import { X509Certificate } from 'node:crypto'
import { readIfThere } from '../../read-if-there.ts'
import type { DeploymentStatus, TaskStatus } from '../../target.ts'
import type { DeploymentPaths } from './deployment-paths.ts'
import type { SlotState } from './haproxy/admin.ts'
import type { Proxy } from './haproxy/proxy.ts'
import { readState, type RunningTask } from './state.ts'
import { isAlive } from './tasks/task.ts'

/**
 * What runs on this machine, seen from the state, the processes and the load balancer. The container engine is not
 * asked: that would take longer than all the rest.
 */
export async function localStatus(paths: DeploymentPaths, proxy: Proxy): Promise<DeploymentStatus> {
  const state = await readState(paths.state)
  if (state === undefined) return { state: 'not-deployed', target: 'local' }
  const [current] = state.history
  const { desiredCount } = current.description.rollout
  const [info, leaf] = await Promise.all([proxy.info(), readIfThere(paths.leaf)])
  const slots = info === undefined ? [] : await proxy.admin.slots()
  const tasks = state.tasks.map((task) => taskStatus(task, slots))
  const healthy = tasks.filter(({ health }) => health === 'healthy').length
  const problems = [
    ...(info === undefined ? ['the load balancer does not run'] : []),
    ...tasks
      .filter(({ health }) => health !== 'healthy')
      .map(({ name, health, check }) =>
        health === 'gone' ? `${name} has ended` : `${name} is not healthy: ${check || 'never asked'}`
      ),
    ...(healthy < desiredCount ? [`${healthy} of ${desiredCount} tasks are healthy`] : []),
    ...certificateProblems(leaf)
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
        state: info === undefined ? 'stopped' : `running, process ${info.pid}`
      }
    ],
    history: state.history.map(({ version, image, deployedAt, proof }) => ({
      version,
      digest: image.digest,
      deployedAt,
      proof
    }))
  }
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

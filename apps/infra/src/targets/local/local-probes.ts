import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '@fast-mcp/containers'
import type { Finding, Probe } from '@fast-mcp/validation'
import { versionTag, type Version } from '@fast-mcp/versioning'
import type { ExpectedDeployment } from '../../target.ts'
import type { ProxyAdmin, SlotState } from './haproxy/admin.ts'
import type { DeployedVersion, DeploymentState } from './state.ts'
import { askTask } from './tasks/ask-task.ts'
import { taskLog } from './tasks/task-log.ts'
import { label, listTasks, type LiveTask, type Task } from './tasks/task.ts'

export interface LocalProbes extends ExpectedDeployment {
  /** The workspace's id on its containers. */
  readonly id: string
  readonly admin: ProxyAdmin
  readonly engine: Engine
  readonly state: DeploymentState
}

/**
 * The probes of phase deploy that look at this machine: containers by their labels, targets through the admin socket.
 * Containers are listed once, for all.
 */
export function localProbes(options: LocalProbes): Readonly<Record<string, Probe>> {
  const { id, admin, engine, state, version, digest } = options
  const current = state.history[0]
  const { desiredCount } = current.description.rollout
  let listed: Promise<readonly Task[]> | undefined
  // What could not be taken away serves nobody and is no task of the service any more; the next deployment removes it.
  const tasks = (): Promise<readonly Task[]> =>
    (listed ??= listTasks(engine, id).then((all) =>
      all.filter((task) => state.left?.includes(task.id) !== true)
    ))
  return {
    'deploy.resources': () => Promise.resolve(resourceFinding(current)),
    'deploy.digest': async () => digestFinding(await tasks(), digest),
    'deploy.service-tag': async () => tagFinding(await tasks(), version),
    'deploy.service-running': async () => runningFinding(await tasks(), current),
    'deploy.tasks-healthy': async () => healthFinding(engine, live(await tasks()), current),
    'deploy.targets-healthy': async () => targetFinding(await admin.slots(), desiredCount),
    'deploy.monitoring': async () => monitoringFinding(await admin.slots(), current),
    'deploy.rollback': () => rollbackFinding(engine, state),
    'deploy.version': async () => versionFinding(live(await tasks()), version),
    'deploy.logs': async ({ signal }) => logFinding(engine, live(await tasks()), signal)
  }
}

/** The reader of the template refuses one in which any of these is missing. */
function resourceFinding({ description: { names } }: DeployedVersion): Finding {
  return finding(
    true,
    `deployed from the template: cluster ${names.cluster}, service ${names.service}, load balancer with target group ${names.targetGroup}, log group ${names.logGroup}`
  )
}

function digestFinding(tasks: readonly Task[], pushedDigest: string): Finding {
  const digests = [...new Set(tasks.map(({ labels }) => labels[label.digest] ?? 'none'))]
  return finding(
    tasks.length > 0 && digests.every((digest) => digest === pushedDigest),
    `${tasks.length} containers run ${digests.join(', ') || 'nothing'}; pushed ${pushedDigest}`
  )
}

function tagFinding(tasks: readonly Task[], expected: Version): Finding {
  const tags = tasks.map(({ labels }) => `${labels[label.version]} (${labels[label.revision]})`)
  return finding(
    tags.length > 0 && tags.every((tag) => tag === `${versionTag(expected)} (${expected.fullSha})`),
    `${tasks.length} containers labelled ${[...new Set(tags)].join(', ') || 'nothing'}`
  )
}

function runningFinding(tasks: readonly Task[], { description, image }: DeployedVersion): Finding {
  const { desiredCount } = description.rollout
  const running = tasks.filter(({ alive, labels }) => alive && labels[label.digest] === image.digest)
  const other = tasks.filter((task) => !running.includes(task))
  return finding(
    running.length >= Math.max(1, desiredCount) && other.length === 0,
    [
      `${running.length} of ${desiredCount} tasks run`,
      ...other.map(({ name, ended }) => `${name}: ${ended ?? 'of another version'}`)
    ].join('; ')
  )
}

async function healthFinding(
  engine: Engine,
  tasks: readonly LiveTask[],
  { description }: DeployedVersion
): Promise<Finding> {
  const { command } = description.task.health
  const results = await Promise.all(
    tasks.map(async ({ id, name }) => ({ name, ...(await engine.exec(id, command)) }))
  )
  const healthy = results.filter(({ exitCode }) => exitCode === 0)
  return finding(
    healthy.length === results.length && healthy.length >= Math.max(1, description.rollout.desiredCount),
    [
      `${healthy.length} of ${results.length} tasks say they are healthy (${command.join(' ')})`,
      ...results
        .filter(({ exitCode }) => exitCode !== 0)
        .map(({ name, exitCode, stdout, stderr }) => `${name}: ${exitCode}, ${`${stdout}${stderr}`.trim()}`)
    ].join('\n')
  )
}

function targetFinding(slots: readonly SlotState[], desiredCount: number): Finding {
  const used = slots.filter(({ status }) => status !== 'maintenance')
  const up = used.filter(({ status }) => status === 'up')
  return finding(
    up.length === used.length && up.length >= Math.max(1, desiredCount),
    `${up.length} of ${used.length} targets healthy, ${desiredCount} desired: ${used.map(({ port, status, check }) => `:${port} ${status} (${check})`).join(', ') || 'none'}`
  )
}

function monitoringFinding(slots: readonly SlotState[], { description }: DeployedVersion): Finding {
  const used = slots.filter(({ status }) => status !== 'maintenance')
  const { path, unhealthyThreshold } = description.balancer.health
  return finding(
    used.length > 0 && used.every(({ check }) => check.startsWith('L7OK')),
    `GET ${path} twice a second at ${used.length} targets, out after ${unhealthyThreshold} failures; last: ${used.map(({ check }) => check).join(', ')}`
  )
}

/** The way back is there: the version before is in the history, and its image in the engine's store. */
async function rollbackFinding(engine: Engine, { history }: DeploymentState): Promise<Finding> {
  const [, before] = history
  if (before === undefined)
    return {
      status: 'not-applicable',
      reason: 'the first version deployed here: there is none to go back to'
    }
  const imageId = await engine.imageId(before.image.reference)
  return finding(
    imageId !== undefined,
    `the version before is ${versionTag(before.version)}, deployed ${before.deployedAt}; its image ${before.image.reference} is ${imageId === undefined ? 'gone from' : 'in'} the engine's store`
  )
}

/** Every task on its own: the load balancer would hide one that serves something else. */
async function versionFinding(tasks: readonly LiveTask[], expected: Version): Promise<Finding> {
  const served = await Promise.all(
    tasks.map(async ({ name, port }) => ({ name, revision: await askTask(port, '/health').then(revisionIn) }))
  )
  return finding(
    served.length > 0 && served.every(({ revision }) => revision === expected.fullSha),
    `HEAD is ${expected.fullSha}; ${served.map(({ name, revision }) => `${name} serves ${revision}`).join('; ') || 'no task serves'}`
  )
}

/**
 * Sends each task a request with an id of its own and waits for its line: the log streams, it does not just exist.
 * The request is one of /mcp: health checks that go well are not logged.
 */
async function logFinding(engine: Engine, tasks: readonly LiveTask[], signal: AbortSignal): Promise<Finding> {
  const lines = await Promise.all(
    tasks.map(async (task) => {
      const id = `deploy-test-${randomUUID()}`
      await askTask(task.port, '/mcp', { 'x-request-id': id })
      for (let attempt = 0; attempt < 50; attempt++) {
        if ((await taskLog(engine, task, 5000)).includes(id)) return { task, seen: true }
        await sleep(100, undefined, { signal })
      }
      return { task, seen: false }
    })
  )
  return finding(
    lines.length > 0 && lines.every(({ seen }) => seen),
    lines
      .map(({ task, seen }) => `${task.name}: a request just sent is ${seen ? '' : 'not '}in its log`)
      .join('; ')
  )
}

function live(tasks: readonly Task[]): readonly LiveTask[] {
  return tasks.flatMap((task) =>
    task.alive && task.port !== undefined ? [{ ...task, port: task.port }] : []
  )
}

function revisionIn(answer: { readonly body: string }): string {
  const revision = /"revision":\s*"([^"]+)"/.exec(answer.body)?.[1]
  return revision ?? `no revision (${answer.body.slice(0, 80)})`
}

function finding(passed: boolean, evidence: string): Finding {
  return { status: passed ? 'passed' : 'failed', evidence }
}

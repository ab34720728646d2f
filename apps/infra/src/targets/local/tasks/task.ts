import type { ContainerState, Engine } from '@fast-mcp/containers'
import { versionTag, type Version } from '@fast-mcp/versioning'
import { readFileSync } from 'node:fs'
import type { DeployedImage } from '../state.ts'
import { taskFingerprint, type ServiceDescription } from '../template/service-description.ts'

/** Labels of a task's container. They say all that a deployment needs to find its own, whatever became of its state. */
export const label = {
  workspace: 'fast-mcp.workspace',
  version: 'fast-mcp.version',
  revision: 'fast-mcp.revision',
  digest: 'fast-mcp.image-digest',
  description: 'fast-mcp.task-description'
} as const

/** What a task is to run. */
export interface TaskSpec {
  readonly workspace: string
  readonly version: Version
  readonly image: DeployedImage
  readonly description: ServiceDescription
}

/** One container of the service, running or not. */
export interface Task {
  /** Container id. */
  readonly id: string
  readonly name: string
  readonly alive: boolean
  /** Port on 127.0.0.1; undefined where none is published. */
  readonly port: number | undefined
  readonly pid: number | undefined
  /** Exit code, and whether memory ran out, in words; undefined while it runs. */
  readonly ended: string | undefined
  readonly startedAt: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

/** A task that runs and has a port. */
export type LiveTask = Task & { readonly port: number }

/** Starts a task under a name that no other has. Throws what the engine throws. */
export async function startTask(engine: Engine, spec: TaskSpec): Promise<Task> {
  const { task } = spec.description
  const suffix = Math.random().toString(36).slice(2, 8).padEnd(6, '0')
  const { id } = await engine.run({
    name: `mcp-${spec.workspace}-${versionTag(spec.version)}-${suffix}`,
    image: spec.image.reference,
    labels: {
      [label.workspace]: spec.workspace,
      [label.version]: versionTag(spec.version),
      [label.revision]: spec.version.fullSha,
      [label.digest]: spec.image.digest,
      [label.description]: taskFingerprint(spec.description)
    },
    environment: task.environment,
    publish: { containerPort: task.port },
    user: task.user,
    readOnly: task.readOnly,
    temporaryFolders: task.temporaryFolders,
    capDropAll: true,
    memoryMiB: task.memoryMiB,
    cpus: task.cpus,
    stopTimeoutSeconds: task.stopSeconds,
    ...(task.command === undefined ? {} : { command: task.command })
  })
  const state = await engine.inspect(id)
  if (state === undefined) throw new TypeError(`the engine started container ${id} and does not know it`)
  return taskOf(state)
}

/** All tasks of a workspace, running or not. */
export async function listTasks(engine: Engine, workspace: string): Promise<readonly Task[]> {
  return (await engine.list({ labels: { [label.workspace]: workspace } })).map(taskOf)
}

/** Whether a task runs what the spec says: the same image and the same description. */
export function runs(task: Task, spec: TaskSpec): task is LiveTask {
  return (
    task.alive &&
    task.port !== undefined &&
    task.labels[label.digest] === spec.image.digest &&
    task.labels[label.revision] === spec.version.fullSha &&
    task.labels[label.description] === taskFingerprint(spec.description)
  )
}

/** Whether a task's process is there; asks the engine where its processes are not this machine's. */
export async function stillRuns(engine: Engine, task: Pick<Task, 'id' | 'pid'>): Promise<boolean> {
  const alive = isAlive(task.pid)
  return alive ?? (await engine.inspect(task.id))?.state === 'running'
}

/** Whether a process is there; undefined where this machine cannot tell: the engine runs in a virtual machine. */
export function isAlive(pid: number | undefined): boolean | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined
  try {
    // Source: proc(5), /proc/pid/stat: the state stands behind the name in parentheses. Z and X have ended.
    return !/\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function taskOf(state: ContainerState): Task {
  const { id, name, pid, labels, hostPort: port, startedAt } = state
  // With a dead monitor podman says "running" for ever: the process decides.
  const alive = state.state === 'running' && isAlive(pid) !== false
  const memory = state.outOfMemory ? ', out of memory' : ''
  return {
    id,
    name,
    alive,
    port,
    pid,
    startedAt,
    labels,
    ended: alive ? undefined : `${state.state}, exit code ${state.exitCode ?? 'unknown'}${memory}`
  }
}

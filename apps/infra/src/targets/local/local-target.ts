import { basename } from 'node:path'
import type { Engine } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { isHeldByAnother, type Probe } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import type {
  Deployment,
  DeploymentStatus,
  DeploymentTarget,
  DeployRequest,
  ExpectedDeployment,
  TargetContext
} from '../../target.ts'
import type { CertificateReport } from './certificate/ensure.ts'
import { deploymentPaths, workspaceId, type DeploymentPaths } from './deployment-paths.ts'
import { slotNames, type ProxySettings, type Slot } from './haproxy/config.ts'
import { Proxy } from './haproxy/proxy.ts'
import { earlierVersion, isOf, versionOf } from './history.ts'
import { localStatus } from './local-status.ts'
import { outputsOf } from './outputs.ts'
import type { RolloutResult } from './rollout/rollout.ts'
import { readState, withVersion, writeState, type DeployedVersion, type DeploymentState } from './state.ts'
import { isReady } from './tasks/readiness.ts'
import type { TaskCheck } from './tasks/right-answers.ts'
import { pruneLogs } from './tasks/task-log.ts'
import { isAlive, listTasks, type TaskSpec } from './tasks/task.ts'

export interface LocalTargetOptions {
  /** @default the workspace's engine */
  readonly engine?: () => Promise<Engine>
  /** How long a new task is watched before it gets requests, in milliseconds. @default 1500 */
  readonly soakMs?: number
  /** What a task of a version that is not proven must pass before it gets requests. @default the endpoint tester */
  readonly check?: TaskCheck
}

/**
 * This machine: tasks in the container engine, behind HAProxy with TLS on loopback. What only a deployment needs is
 * loaded by it alone: to say how things stand takes little.
 */
export class LocalTarget implements DeploymentTarget {
  readonly name = 'local'
  readonly #context: TargetContext
  readonly #paths: DeploymentPaths
  readonly #proxy: Proxy
  readonly #id: string
  readonly #engine: () => Promise<Engine>
  readonly #soakMs: number
  readonly #check: TaskCheck | undefined

  constructor(context: TargetContext, options: LocalTargetOptions = {}) {
    this.#context = context
    this.#paths = deploymentPaths(context.workspace)
    this.#proxy = new Proxy(this.#paths)
    this.#id = workspaceId(context.workspace)
    this.#engine =
      options.engine ?? (async () => (await import('./workspace-engine.ts')).workspaceEngine(context))
    this.#soakMs = options.soakMs ?? 1500
    this.#check = options.check
  }

  async deploy({ version, image, template }: DeployRequest): Promise<Deployment> {
    const { readTemplate } = await import('./template/read-template.ts')
    const reading = readTemplate(template, {
      ImageUri: image.reference,
      Version: versionTag(version),
      Revision: version.fullSha
    })
    const state = await readState(this.#paths.state)
    const spec = { workspace: this.#id, version, image, description: reading.description }
    return this.#bringUp(spec, this.#context.environment.LOCAL_HTTPS_PORT, state)
  }

  async status(): Promise<DeploymentStatus> {
    return localStatus(this.#context.workspace, this.#paths, this.#proxy)
  }

  async rollback(sha?: string): Promise<Deployment> {
    const state = await this.#requireState()
    const { version, image, description } = earlierVersion(state, sha)
    return this.#bringUp({ workspace: this.#id, version, image, description }, state.httpsPort, state)
  }

  readonly restore = async (): Promise<Deployment> => {
    const state = await this.#requireState()
    const [{ version, image, description }] = state.history
    return this.#bringUp({ workspace: this.#id, version, image, description }, state.httpsPort, state)
  }

  async destroy({ all }: { readonly all: boolean }): Promise<readonly string[]> {
    const { workspace } = this.#context
    const { destroyLocal } = await import('./destroy-local.ts')
    return destroyLocal({
      workspace,
      id: this.#id,
      paths: this.#paths,
      proxy: this.#proxy,
      engine: this.#engine,
      all
    })
  }

  async probes(expected: ExpectedDeployment): Promise<Readonly<Record<string, Probe>>> {
    const state = await this.#requireState()
    const { localProbes } = await import('./local-probes.ts')
    return localProbes({
      ...expected,
      id: this.#id,
      admin: this.#proxy.admin,
      engine: await this.#engine(),
      state
    })
  }

  readonly lastLogLines = async (): Promise<readonly string[]> => {
    const engine = await this.#engine()
    const { taskLog } = await import('./tasks/task-log.ts')
    const tasks = await listTasks(engine, this.#id)
    return Promise.all(
      tasks.map(
        async (task) => `${task.name}: ${task.ended ?? 'running'}\n${await taskLog(engine, task, 20)}`
      )
    )
  }

  async recordProof(proof: 'passed' | 'failed'): Promise<void> {
    const state = await this.#requireState()
    const [current, ...others] = state.history
    await writeState(this.#paths.state, { ...state, history: [{ ...current, proof }, ...others] })
  }

  async #requireState(): Promise<DeploymentState> {
    const state = await readState(this.#paths.state)
    if (state !== undefined) return state
    throw new CodedError('not-deployed', 'nothing is deployed from this workspace', {
      remedy: 'Run `make deploy`.'
    })
  }

  /** Makes a version live, or goes back to what the state says and throws. */
  async #bringUp(spec: TaskSpec, httpsPort: number, state: DeploymentState | undefined): Promise<Deployment> {
    const settings = this.#settings(spec, httpsPort)
    const { report, signal } = this.#context
    const { ensureRegistry } = await import('./ensure-registry.ts')
    const restarted = await ensureRegistry(this.#context.workspace, spec.image.reference, this.#engine)
    if (restarted) report('the image registry did not answer and was started again')
    if (state !== undefined && (await this.#isLive(spec, state, settings))) {
      if (restarted) await writeState(this.#paths.state, { ...state, changedAt: new Date().toISOString() })
      return this.#deployment(spec, state.endpoint, restarted)
    }

    const engine = await this.#engine()
    if ((await engine.imageId(spec.image.reference)) === undefined) {
      report(`pulling ${spec.image.reference}`)
      await engine.pull(spec.image.reference, { insecure: spec.image.insecure, signal })
    }
    const certificate = await this.#ensureCertificate()
    if (certificate.newAuthority) report(`new certificate authority: ${this.#paths.authority}`)
    const proxy = await this.#proxy.ensure(settings, await this.#servingSlots(engine, spec))
    if (proxy !== 'kept') report(`load balancer ${proxy} on port ${settings.httpsPort}`)
    if (proxy === 'kept' && certificate.newLeaf) await this.#proxy.replaceCertificate(settings)

    const result = await this.#rollOut(engine, spec, state)
    await this.#proxy.save(settings, result.slots)
    const endpoint = `https://localhost:${settings.httpsPort}/mcp`
    await this.#writeState(engine, endpoint, result, state, versionOf(spec, state?.history[0]))
    await pruneLogs(this.#paths.logs, spec.description.logRetentionDays)
    return this.#deployment(spec, endpoint, true)
  }

  /** Rolls out; where that fails, makes sure that what was live is, and throws what went wrong. */
  async #rollOut(engine: Engine, spec: TaskSpec, state: DeploymentState | undefined): Promise<RolloutResult> {
    const { signal, report } = this.#context
    const { rollout } = await import('./rollout/rollout.ts')
    const isOvertaken = (): Promise<boolean> => isHeldByAnother(this.#context.workspace)
    const context = {
      engine,
      admin: this.#proxy.admin,
      logs: this.#paths.logs,
      report,
      soakMs: this.#soakMs,
      isOvertaken
    }
    try {
      return await rollout({ ...context, signal, check: this.#checkFor(spec, state) }, spec)
    } catch (error) {
      if (await isOvertaken()) throw error
      const before = state?.history[0]
      if (state === undefined || before === undefined) {
        // Without a state, too, old tasks may serve; only where there are none is there nothing to balance.
        const tasks = await listTasks(engine, spec.workspace)
        if (!tasks.some(({ alive }) => alive)) await this.#proxy.stop()
        throw error
      }
      const never = new AbortController().signal
      const { version, image, description } = before
      const oldSpec = { workspace: this.#id, version, image, description }
      const oldSettings = this.#settings(oldSpec, state.httpsPort)
      await this.#proxy.ensure(oldSettings, await this.#servingSlots(engine, oldSpec))
      const result = await rollout({ ...context, signal: never, check: undefined }, oldSpec)
      await this.#proxy.save(oldSettings, result.slots)
      await this.#writeState(engine, state.endpoint, result, state, before)
      report(`version ${versionTag(before.version)} still serves, with ${result.tasks.length} tasks`)
      throw error
    }
  }

  /** A version that passed every check once is not asked again: were it refused now, what changed is not the version. */
  #checkFor(spec: TaskSpec, state: DeploymentState | undefined): TaskCheck | undefined {
    if (state?.history.some((entry) => entry.proof === 'passed' && isOf(entry, spec)) === true)
      return undefined
    if (this.#check !== undefined) return this.#check
    // It brings an MCP client with it, which is loaded while the tasks start. Where none comes so far, nobody waits for it.
    const loading = import('./tasks/right-answers.ts')
    loading.catch(() => undefined)
    return async (...task) => (await loading).requireRightAnswers(...task)
  }

  /** Whether exactly this runs already, seen from the load balancer and the processes. */
  async #isLive(spec: TaskSpec, state: DeploymentState, settings: ProxySettings): Promise<boolean> {
    const [current] = state.history
    const same =
      isOf(current, spec) &&
      state.left === undefined &&
      state.httpsPort === settings.httpsPort &&
      state.tasks.length === spec.description.rollout.desiredCount
    if (!same || (await this.#proxy.info()) === undefined) return false
    const slots = await this.#proxy.admin.slots()
    const serving = state.tasks.every(
      ({ port, pid }) =>
        isAlive(pid) !== false && slots.some((slot) => slot.port === port && slot.status === 'up')
    )
    const { health } = spec.description.balancer
    const answers = await Promise.all(state.tasks.map(({ port }) => isReady(port, health)))
    if (!serving || answers.includes(false)) return false
    const certificate = await this.#ensureCertificate()
    if (certificate.newLeaf) await this.#proxy.replaceCertificate(settings)
    return true
  }

  /** Slots for a load balancer that is started: the tasks that are there and answer. */
  async #servingSlots(engine: Engine, spec: TaskSpec): Promise<readonly Slot[]> {
    const tasks = await listTasks(engine, spec.workspace)
    const { health } = spec.description.balancer
    const ready = await Promise.all(
      tasks.map(async ({ alive, port }) =>
        alive && port !== undefined && (await isReady(port, health)) ? port : undefined
      )
    )
    const ports = ready.filter((port) => port !== undefined)
    return slotNames(spec.description.rollout).map((name, index) => ({ name, port: ports[index] }))
  }

  async #ensureCertificate(): Promise<CertificateReport> {
    const { ensureCertificate } = await import('./certificate/ensure.ts')
    return ensureCertificate(this.#paths, basename(this.#context.workspace))
  }

  #settings(spec: TaskSpec, httpsPort: number): ProxySettings {
    return {
      node: this.#id,
      httpsPort,
      socket: this.#paths.proxySocket,
      leaf: this.#paths.leaf,
      balancer: spec.description.balancer
    }
  }

  async #writeState(
    engine: Engine,
    endpoint: string,
    { tasks, left }: RolloutResult,
    before: DeploymentState | undefined,
    current: DeployedVersion
  ): Promise<void> {
    await writeState(this.#paths.state, {
      format: 1,
      engine: engine.kind,
      endpoint,
      httpsPort: Number(new URL(endpoint).port),
      tasks: tasks.map(({ name, id, port, pid, startedAt }) => ({
        name,
        id,
        port,
        ...(pid === undefined ? {} : { pid }),
        startedAt: startedAt ?? new Date().toISOString()
      })),
      ...(left.length === 0 ? {} : { left: [...left] }),
      changedAt: new Date().toISOString(),
      history: withVersion(before?.history ?? [], current)
    })
  }

  #deployment(spec: TaskSpec, endpoint: string, changed: boolean): Deployment {
    const { version, image } = spec
    return {
      version,
      image,
      endpoint,
      changed,
      outputs: outputsOf(spec, endpoint, this.#paths, this.#context.workspace)
    }
  }
}

import type { Engine } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { versionTag } from '@fast-mcp/versioning'
import type { ProxyAdmin } from '../haproxy/admin.ts'
import type { Slot } from '../haproxy/config.ts'
import { isReady, requireContainerHealth, requireStillReady, soak, untilReady } from '../tasks/readiness.ts'
import type { TaskCheck } from '../tasks/right-answers.ts'
import { taskLog } from '../tasks/task-log.ts'
import { listTasks, runs, startTask, type LiveTask, type Task, type TaskSpec } from '../tasks/task.ts'
import { taskCounts } from '../template/service-description.ts'
import { Departures, failedStopSeconds } from './departures.ts'
import { SlotBoard } from './slot-board.ts'
import { together } from './together.ts'

export interface RolloutContext {
  readonly engine: Engine
  readonly admin: ProxyAdmin
  /** Folder for the logs of tasks that are gone. */
  readonly logs: string
  readonly signal: AbortSignal
  /** Told what happens, one line each. */
  readonly report: (line: string) => void
  /** A new task is watched for so long, in milliseconds, before it gets requests: one that ends soon was not healthy. */
  readonly soakMs: number
  /** What one of the new tasks must pass before any gets requests; undefined for a version that is proven. */
  readonly check: TaskCheck | undefined
  /** Whether another pipeline works here by now: what this one began is for that one to sort out. */
  readonly isOvertaken: () => Promise<boolean>
}

export interface RolloutResult {
  /** The tasks that serve, as many as desired. */
  readonly tasks: readonly LiveTask[]
  readonly slots: readonly Slot[]
  /** Ids of the containers that could not be taken away: for the next rollout. */
  readonly left: readonly string[]
}

/**
 * Brings the service to what the spec says, as ECS does a rolling update: new tasks start, become healthy, get
 * requests, and only then old ones drain and stop, within the template's percentages. Tasks that run the spec already
 * stay. Works from what is there, containers and slots, so it takes up where an interrupted one ended.
 *
 * Throws CodedError `rollout-failed`, with the last log lines of the new tasks, after taking them away again; old
 * tasks that had not left yet serve on. Where all of them had left, the new ones stay, since nothing else serves: the
 * caller's way back replaces them. Throws the signal's reason after the same where it is aborted.
 *
 * Where another pipeline was faster it touches nothing and throws what went wrong.
 *
 * Once as many new tasks serve as are desired, an old one that cannot be taken away is no failure: it is among `left`.
 */
export async function rollout(context: RolloutContext, spec: TaskSpec): Promise<RolloutResult> {
  const board = await SlotBoard.read(context.admin)
  const all = await listTasks(context.engine, spec.workspace)
  const work = new Rollout(context, spec, board)
  const { kept, old, rest } = await work.sort(all)
  await Promise.all(rest.map((task) => work.departures.clear(task)))
  await board.keepOnly([...kept, ...old].map(({ port }) => port))
  try {
    return { tasks: await work.replace(kept, old), slots: board.slots, left: work.departures.left }
  } catch (error) {
    if (await context.isOvertaken()) throw error
    throw await work.undo(error, [...kept, ...old])
  }
}

class Rollout {
  readonly #context: RolloutContext
  readonly #spec: TaskSpec
  readonly #board: SlotBoard
  readonly #startedAt = performance.now()
  readonly departures: Departures
  #checked = false

  constructor(context: RolloutContext, spec: TaskSpec, board: SlotBoard) {
    this.#context = context
    this.#spec = spec
    this.#board = board
    this.departures = new Departures(context, spec.description, board)
  }

  /** Tasks that run the spec and answer; tasks that serve something else; and what neither serves nor will. */
  async sort(
    all: readonly Task[]
  ): Promise<{ kept: readonly LiveTask[]; old: readonly LiveTask[]; rest: readonly Task[] }> {
    const { rollout, balancer } = this.#spec.description
    const kept: LiveTask[] = []
    const old: LiveTask[] = []
    const rest: Task[] = []
    for (const task of all) {
      const { port } = task
      const fits = runs(task, this.#spec) && kept.length < rollout.desiredCount
      const ready = task.alive && port !== undefined && (await isReady(port, balancer.health))
      if (fits && ready) kept.push(task)
      else if (task.alive && port !== undefined && this.#board.has(port) && (ready || this.#board.isUp(port)))
        old.push({ ...task, port })
      else rest.push(task)
    }
    return { kept, old, rest }
  }

  /** Starts what is missing and retires what is old, in steps that the percentages allow. */
  async replace(kept: readonly LiveTask[], before: readonly LiveTask[]): Promise<readonly LiveTask[]> {
    const { signal } = this.#context
    const { desiredCount, ...percentages } = this.#spec.description.rollout
    const { minimum, maximum } = taskCounts({ desiredCount, ...percentages })
    const serving = [...kept]
    const old = [...before]
    // Left by a rollout that was cut off before they got requests, or while they drained.
    const waiting = kept.filter(({ port }) => !this.#board.isUp(port))
    await together(
      signal,
      waiting.map((task) => (either) => this.#checkOnce(task, either))
    )
    await together(
      signal,
      waiting.map((task) => (either) => this.#attach(task, either))
    )
    while (serving.length < desiredCount || old.length > 0) {
      const room = maximum - serving.length - old.length
      const batch = Math.max(0, Math.min(room, desiredCount - serving.length))
      serving.push(...(await this.#startBatch(batch)))
      const leaving = old.splice(0, Math.max(0, serving.length + old.length - minimum))
      if (batch === 0 && leaving.length === 0) throw new TypeError('the rollout has no room')
      if (leaving.length === 0) continue
      await this.#requireServing(serving, signal)
      this.#say(`draining ${leaving.length} of the old tasks`)
      await Promise.all(leaving.map((task) => this.departures.leave(task, serving.length === desiredCount)))
      this.#say(`${leaving.length} of the old tasks drained and stopped`)
    }
    // Nothing is left to go back to: an interrupt changes nothing any more.
    await this.#requireServing(serving, new AbortController().signal)
    return serving
  }

  /** Takes away every task but those that were there before, and gives the error that says what happened. */
  async undo(error: unknown, before: readonly Task[]): Promise<unknown> {
    const { engine, signal } = this.#context
    const ids = new Set(before.map(({ id }) => id))
    const all = await listTasks(engine, this.#spec.workspace)
    const fresh = all.filter(({ id }) => !ids.has(id) && !this.departures.left.includes(id))
    const nothingElseServes = before.length > 0 && before.every(({ id }) => this.departures.isGone(id))
    const logs = await Promise.all(
      fresh.map(
        async (task) => `${task.name}: ${task.ended ?? 'running'}\n${await taskLog(engine, task, 20)}`
      )
    )
    const leaving = nothingElseServes ? [] : fresh
    const left = await Promise.allSettled(
      leaving.map((task) => this.departures.retire(task, failedStopSeconds))
    )
    const stuck = left.flatMap((result) =>
      result.status === 'rejected' ? [`could not be taken away: ${String(result.reason)}`] : []
    )
    if (signal.aborted) return signal.reason
    const reason = error instanceof CodedError ? error : undefined
    return new CodedError(
      'rollout-failed',
      `version ${versionTag(this.#spec.version)} did not become healthy: ${reason?.message ?? String(error)}`,
      {
        evidence: [...logs, ...stuck, ...(reason?.evidence === undefined ? [] : [reason.evidence])].join(
          '\n'
        ),
        remedy: 'Read the last log lines above, mend the server and run `make full` again.',
        cause: error
      }
    )
  }

  /** Healthy once is not healthy still: throws where a new task died since, or the load balancer does not have it. */
  async #requireServing(tasks: readonly LiveTask[], signal: AbortSignal): Promise<void> {
    const { engine } = this.#context
    const { health } = this.#spec.description.balancer
    await together(
      signal,
      tasks.map((task) => (either: AbortSignal) => requireStillReady(engine, task, health, either))
    )
    await this.#board.requireUp(
      tasks.map(({ port }) => port),
      this.#attachLimitMs,
      signal
    )
  }

  async #startBatch(count: number): Promise<readonly LiveTask[]> {
    if (count === 0) return []
    const { engine, signal, soakMs } = this.#context
    this.#say(`starting ${count} new tasks of ${versionTag(this.#spec.version)}`)
    const { description } = this.#spec
    const limitMs = Math.max(description.rollout.graceSeconds, 5) * 1000
    const tasks = await together(
      signal,
      Array.from({ length: count }, () => () => startTask(engine, this.#spec))
    )
    this.#say(`${count} new tasks started, waiting until they are healthy`)
    const ready = await together(
      signal,
      tasks.map((task) => async (either: AbortSignal) => {
        const live = await untilReady(engine, task, description.balancer.health, limitMs, either)
        await Promise.all([
          soak(engine, live, soakMs, either),
          requireContainerHealth(engine, live, description.task.health, either),
          this.#checkOnce(live, either)
        ])
        return live
      })
    )
    this.#say(`${count} new tasks healthy, giving them to the load balancer`)
    await together(
      signal,
      ready.map((task) => (either: AbortSignal) => this.#attach(task, either))
    )
    this.#say(`${count} new tasks serve`)
    return ready
  }

  /** Checks the first task it is given: one stands for all that run the same. */
  async #checkOnce(task: LiveTask, signal: AbortSignal): Promise<void> {
    if (this.#checked) return
    this.#checked = true
    await this.#context.check?.(task, this.#spec.version.fullSha, signal)
  }

  async #attach(task: LiveTask, signal: AbortSignal): Promise<void> {
    await this.#board.attach(task.port, this.#attachLimitMs, signal)
  }

  get #attachLimitMs(): number {
    const { unhealthyThreshold, timeoutSeconds } = this.#spec.description.balancer.health
    return (unhealthyThreshold + 1) * timeoutSeconds * 1000
  }

  #say(what: string): void {
    this.#context.report(`${what} (${((performance.now() - this.#startedAt) / 1000).toFixed(1)} s)`)
  }
}

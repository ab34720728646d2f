import type { RolloutContext } from './rollout.ts'
import type { SlotBoard } from './slot-board.ts'
import { isReady } from '../tasks/readiness.ts'
import { saveTaskLog } from '../tasks/task-log.ts'
import type { LiveTask, Task } from '../tasks/task.ts'
import type { ServiceDescription } from '../template/service-description.ts'

/** What a task that never served is given to stop, in seconds: it has no requests to finish. */
export const failedStopSeconds = 2

/** Takes tasks away, and knows which went and which did not. */
export class Departures {
  readonly #context: Pick<RolloutContext, 'engine' | 'logs' | 'report'>
  readonly #description: ServiceDescription
  readonly #board: SlotBoard
  readonly #left: string[] = []
  readonly #gone = new Set<string>()

  constructor(
    context: Pick<RolloutContext, 'engine' | 'logs' | 'report'>,
    description: ServiceDescription,
    board: SlotBoard
  ) {
    this.#context = context
    this.#description = description
    this.#board = board
  }

  /** Ids of the containers that could not be taken away. */
  get left(): readonly string[] {
    return this.#left
  }

  /** Whether a task that served does so no more. */
  isGone(id: string): boolean {
    return this.#gone.has(id)
  }

  /** Drains, stops and removes a task, keeping its log. */
  async retire(task: Task, stopSeconds: number): Promise<void> {
    const { engine, logs, report } = this.#context
    const { port } = task
    const drainMs = this.#description.balancer.drainSeconds * 1000
    if (port !== undefined && task.alive) {
      const empty = await this.#board.drain(port, drainMs, AbortSignal.timeout(drainMs + 10_000))
      if (!empty) report(`${task.name} still had requests after ${drainMs / 1000} s`)
    }
    if (task.alive) await engine.stop(task.id, stopSeconds)
    if (port !== undefined) await this.#board.release(port)
    await saveTaskLog(engine, task, logs).catch((error: unknown) => {
      // The tasks that took over serve already: a full disk must not send the rollout back.
      report(`the log of ${task.name} is lost: ${String(error)}`)
    })
    await engine.remove(task.id)
  }

  /** Takes away what neither serves nor will; where that fails, the rollout goes on beside it. */
  async clear(task: Task): Promise<void> {
    await this.retire(task, failedStopSeconds).catch((error: unknown) => this.#leaveBehind(task, error))
  }

  /**
   * Retires a task that served; one that hangs has nothing left to finish. Where enough new ones serve, a task that
   * does not go is left behind: it must not send them back.
   */
  async leave(task: LiveTask, isReplaced: boolean): Promise<void> {
    const { balancer, task: described } = this.#description
    const answers = await isReady(task.port, balancer.health)
    try {
      await this.retire(task, answers ? described.stopSeconds : failedStopSeconds)
    } catch (error) {
      if (!isReplaced) throw error
      await this.#leaveBehind(task, error)
    }
    this.#gone.add(task.id)
  }

  async #leaveBehind(task: Task, error: unknown): Promise<void> {
    this.#left.push(task.id)
    const reason = error instanceof Error ? error.message : String(error)
    this.#context.report(`${task.name} could not be taken away; the next deployment tries again: ${reason}`)
    if (task.port !== undefined) await this.#board.abandon(task.port)
  }
}

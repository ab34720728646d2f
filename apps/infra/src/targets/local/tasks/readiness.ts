import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import type { ServiceDescription } from '../template/service-description.ts'
import { askTask } from './ask-task.ts'
import { stillRuns, type LiveTask, type Task } from './task.ts'

/**
 * Waits until a task answers its health check as the load balancer will ask it. Throws CodedError `rollout-failed`
 * where it ends before or does not within `limitMs`.
 */
export async function untilReady(
  engine: Engine,
  task: Task,
  health: ServiceDescription['balancer']['health'],
  limitMs: number,
  signal: AbortSignal
): Promise<LiveTask> {
  const { port } = task
  if (!task.alive || port === undefined)
    throw failed(`${task.name} ended at once: ${task.ended ?? 'no port'}`)
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask(port, health.path, health.timeoutSeconds * 1000)
    if (typeof answer === 'number' && accepts(health.codes, answer)) return { ...task, port }
    if (!(await stillRuns(engine, task))) throw failed(`${task.name} ended before it was healthy`)
    if (performance.now() >= end)
      throw failed(
        `${task.name} is not healthy after ${limitMs / 1000} s: GET ${health.path} gave ${answer}, expected ${health.codes}`
      )
    await sleep(40, undefined, { signal })
  }
}

/**
 * Throws CodedError `rollout-failed` where a task that was healthy has ended since, or fails its health check as often
 * in a row as the load balancer forgives.
 */
export async function requireStillReady(
  engine: Engine,
  task: LiveTask,
  health: ServiceDescription['balancer']['health'],
  signal: AbortSignal
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    if (!(await stillRuns(engine, task))) throw failed(`${task.name} was healthy and ended soon after`)
    if (await isReady(task.port, health)) return
    if (attempt >= health.unhealthyThreshold)
      throw failed(`${task.name} was healthy and fails its health check since`)
    await sleep(100, undefined, { signal })
  }
}

/** Watches a task for some time: one that ends in it was not ready. Throws CodedError `rollout-failed`. */
export async function soak(engine: Engine, task: Task, ms: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + ms
  for (;;) {
    if (!(await stillRuns(engine, task))) throw failed(`${task.name} was healthy and ended soon after`)
    if (performance.now() >= end) return
    await sleep(50, undefined, { signal })
  }
}

/**
 * Runs the container's own health check, as often as the template allows it to fail. Throws CodedError
 * `rollout-failed` with what the last one said.
 */
export async function requireContainerHealth(
  engine: Engine,
  task: Task,
  { command, retries }: ServiceDescription['task']['health'],
  signal: AbortSignal
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { exitCode, stdout, stderr } = await engine.exec(task.id, command)
    if (exitCode === 0) return
    if (attempt >= retries)
      throw failed(
        `${task.name}: the container's health check ${JSON.stringify(command.join(' '))} ended with ${exitCode}: ${`${stdout}${stderr}`.trim()}`
      )
    await sleep(500, undefined, { signal })
  }
}

/** Whether a status code is among those of a matcher: `200`, `200-299`, `200,204`. */
export function accepts(codes: string, status: number): boolean {
  return codes.split(',').some((part) => {
    const [low, high = low] = part.split('-').map(Number)
    return low !== undefined && high !== undefined && status >= low && status <= high
  })
}

/** Whether a task answers its health check now. */
export async function isReady(
  port: number,
  health: ServiceDescription['balancer']['health']
): Promise<boolean> {
  const answer = await ask(port, health.path, health.timeoutSeconds * 1000)
  return typeof answer === 'number' && accepts(health.codes, answer)
}

/** The status code, or in words why there is none. */
async function ask(port: number, path: string, timeoutMs: number): Promise<number | string> {
  return askTask(port, path, {}, timeoutMs).then(
    ({ status }) => status,
    (error: unknown) => (error instanceof Error ? error.message : String(error))
  )
}

function failed(message: string): CodedError {
  return new CodedError('rollout-failed', message, {
    remedy: 'Read the last lines of the log above, mend the server and run `make full` again.'
  })
}

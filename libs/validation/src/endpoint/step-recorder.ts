import { latencyOf } from './latency.ts'
import type { EndpointStep, EndpointStepGroup, Latency } from './endpoint-report.ts'
import { reasonOf } from './evidence.ts'

/** What a step that went well has seen; `requestMs` where it was one MCP request. */
export interface StepResult<T> {
  readonly evidence: string
  readonly value: T
  readonly requestMs?: number
}

/** Runs steps one after the other and keeps what each one found. */
export class StepRecorder {
  readonly steps: EndpointStep[] = []
  readonly #requestMs: number[] = []
  readonly #signal: AbortSignal
  readonly #onStep: (step: EndpointStep) => void

  constructor(signal: AbortSignal, onStep: (step: EndpointStep) => void) {
    this.#signal = signal
    this.#onStep = onStep
  }

  /** Runs a step; undefined where it threw, which is a failed step. Rethrows only when the signal is aborted. */
  async step<T>(
    step: { readonly id: string; readonly group: EndpointStepGroup; readonly title: string },
    work: () => Promise<StepResult<T>> | StepResult<T>
  ): Promise<{ readonly value: T; readonly ms: number } | undefined> {
    this.#signal.throwIfAborted()
    const started = performance.now()
    const end = (passed: boolean, evidence: string, requestMs?: number): number => {
      const ms = round(requestMs ?? performance.now() - started)
      const ended = { ...step, passed, evidence, ms }
      this.steps.push(ended)
      this.#onStep(ended)
      return ms
    }
    try {
      const { evidence, value, requestMs } = await work()
      if (requestMs !== undefined) this.#requestMs.push(round(requestMs))
      return { value, ms: end(true, evidence, requestMs) }
    } catch (error) {
      this.#signal.throwIfAborted()
      end(false, reasonOf(error))
      return undefined
    }
  }

  /** Over all requests of all steps that went well. */
  get latency(): Latency {
    return latencyOf(this.#requestMs)
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}

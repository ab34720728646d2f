import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { QuiltError, throwIfAborted } from '../error.ts'
import { AbortFlag } from '../scan/abort-flag.ts'
import { fromFailure, isResponse, type Request, type Task } from './protocol.ts'

interface Job {
  readonly request: Request
  readonly settle: (outcome: { readonly result: unknown } | { readonly error: Error }) => void
}

interface Thread {
  readonly worker: Worker
  job: Job | undefined
}

/** Threads wait this long for more work before they end, in milliseconds. */
const idleTime = 30_000

/**
 * What a thread may have in new objects before it looks which of them are still used. Scans make many that live for a
 * moment; V8's own bound is made for programs that are alone.
 */
const youngMegabytes = 16

/**
 * Threads that do what would block the event loop: scans, searches, checksums. They start when there is work and do not
 * keep the process alive.
 */
export class WorkerPool {
  private readonly threads = new Set<Thread>()
  private readonly queue: Job[] = []
  private readonly size: number
  private readonly entry: URL
  private lastId = 0
  private idleTimer: NodeJS.Timeout | undefined

  /** @param size threads at most @default one for each processor @param entry the program of a thread */
  constructor(size: number = availableParallelism(), entry: URL = workerEntry()) {
    this.size = size
    this.entry = entry
  }

  /**
   * Does the task in a thread, after those before it.
   *
   * Throws QuiltError: what the task throws, `aborted` once the signal is, `internal` where the thread died.
   */
  async run(task: Task, signal?: AbortSignal): Promise<unknown> {
    throwIfAborted(signal)
    const flag = new AbortFlag()
    const request: Request = { id: ++this.lastId, abort: flag.memory, task }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const job: Job = {
      request,
      settle: (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.result))
    }
    const onAbort = (): void => {
      flag.set()
      const waiting = this.queue.indexOf(job)
      if (waiting < 0) return
      this.queue.splice(waiting, 1)
      reject(new QuiltError('aborted', 'the call was aborted', { cause: signal?.reason }))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    this.queue.push(job)
    this.dispatch()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Ends all threads. Work that is under way fails with `aborted`. */
  async close(): Promise<void> {
    clearTimeout(this.idleTimer)
    const closed = new QuiltError('aborted', 'the worker threads were closed')
    for (const job of this.queue.splice(0)) job.settle({ error: closed })
    const threads = [...this.threads]
    this.threads.clear()
    for (const { job } of threads) job?.settle({ error: closed })
    await Promise.all(threads.map(({ worker }) => worker.terminate()))
  }

  private dispatch(): void {
    clearTimeout(this.idleTimer)
    while (this.queue.length > 0) {
      const idle = [...this.threads].find((each) => each.job === undefined)
      const thread = idle ?? (this.threads.size < this.size ? this.start() : undefined)
      if (thread === undefined) return
      const job = this.queue.shift()
      thread.job = job
      // while it works, a thread keeps the process alive
      thread.worker.ref()
      thread.worker.postMessage(job?.request)
    }
    this.idleTimer = setTimeout(() => this.endIdle(), idleTime).unref()
  }

  private endIdle(): void {
    for (const thread of this.threads)
      if (thread.job === undefined) {
        this.threads.delete(thread)
        void thread.worker.terminate()
      }
  }

  private start(): Thread {
    const worker = new Worker(this.entry, {
      name: 'quilt',
      resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes }
    })
    const thread: Thread = { worker, job: undefined }
    this.threads.add(thread)
    worker.on('message', (message: unknown) => this.onMessage(thread, message))
    worker.on('error', (error) => this.onDeath(thread, error))
    worker.on('exit', () => this.onDeath(thread, undefined))
    return thread
  }

  private onMessage(thread: Thread, message: unknown): void {
    if (!isResponse(message)) throw new TypeError('a worker thread sent something else than a response')
    const { job } = thread
    thread.job = undefined
    thread.worker.unref()
    job?.settle('failure' in message ? { error: fromFailure(message.failure) } : { result: message.result })
    this.dispatch()
  }

  private onDeath(thread: Thread, cause: unknown): void {
    if (!this.threads.delete(thread)) return
    thread.job?.settle({ error: new QuiltError('internal', 'a worker thread ended unexpectedly', { cause }) })
    thread.job = undefined
    this.dispatch()
  }
}

/** The program of a thread: beside this file in the sources, `quilt-worker.js` beside the script that it is bundled into. */
function workerEntry(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './quilt-worker.js', import.meta.url)
}

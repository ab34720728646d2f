import { QuiltError } from '../error.ts'

/** Tells a task in another thread to end: a number in shared memory, since a busy thread gets no messages. */
export class AbortFlag {
  readonly memory: SharedArrayBuffer
  private readonly state: Int32Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.memory = memory
    this.state = new Int32Array(memory)
  }

  set(): void {
    Atomics.store(this.state, 0, 1)
  }

  /** Throws QuiltError `aborted` once the flag is set. */
  check(): void {
    if (Atomics.load(this.state, 0) !== 0) throw new QuiltError('aborted', 'the call was aborted')
  }
}

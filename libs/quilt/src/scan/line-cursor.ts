import type { Entry } from '../types.ts'
import { lineEnd } from './line-reader.ts'
import { manifestChanged } from './manifest-changed.ts'

/** Whole lines of a manifest file, and what makes an entry of one of them, `[start..end)`. */
export interface EntryLines {
  /** Good until the next lines are asked for. */
  readonly bytes: Buffer
  /** Throws QuiltError `manifest-changed`. */
  entryAt(start: number, end: number): Entry
}

/** Steps through the entries of a manifest file; what is passed by unseen never becomes an entry. */
export class LineCursor {
  done = false
  readonly #blocks: AsyncIterator<EntryLines>
  /** Entries that the index promises and that were not passed yet. */
  #left: number
  #lines: EntryLines | undefined
  #start = 0
  #end = 0
  #entry: Entry | undefined
  #mayHaveNaN = false

  constructor(blocks: AsyncIterable<EntryLines>, entries: number) {
    this.#blocks = blocks[Symbol.asyncIterator]()
    this.#left = entries
  }

  /** The entry it stands at; undefined where there is none before the next `fill`. Throws QuiltError `manifest-changed`. */
  get current(): Entry | undefined {
    return (this.#entry ??= this.#lines?.entryAt(this.#start, this.#end))
  }

  get ready(): boolean {
    return this.#lines !== undefined
  }

  take(): void {
    this.#left--
    this.#stand(this.#end + 1)
  }

  /**
   * Whether both stand at lines with the same bytes, and so at entries that are equal. False says nothing: a NaN is not
   * equal to itself everywhere, so lines near one are not compared.
   */
  isLike(other: LineCursor): boolean {
    if (this.#lines === undefined || other.#lines === undefined || this.#mayHaveNaN) return false
    const length = this.#end - this.#start
    return (
      length === other.#end - other.#start &&
      this.#lines.bytes.compare(other.#lines.bytes, other.#start, other.#end, this.#start, this.#end) === 0
    )
  }

  /** Reads on where what was read is used up. Throws QuiltError `manifest-changed`, `aborted`. */
  async fill(): Promise<void> {
    if (this.#lines !== undefined || this.done) return
    const { value, done } = await this.#blocks.next()
    if (done === true) {
      this.done = true
      if (this.#left !== 0) throw manifestChanged()
      return
    }
    this.#lines = value
    this.#mayHaveNaN = value.bytes.includes('NaN')
    this.#stand(0)
  }

  /** Leaves the file alone. */
  async close(): Promise<void> {
    await this.#blocks.return?.()
  }

  #stand(start: number): void {
    this.#entry = undefined
    this.#start = start
    const bytes = this.#lines?.bytes
    if (bytes === undefined || start >= bytes.length) this.#lines = undefined
    else this.#end = lineEnd(bytes, start)
  }
}

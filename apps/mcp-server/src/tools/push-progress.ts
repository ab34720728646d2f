import type { EntryProgress } from '@fast-mcp/quilt'
import type { Notifier } from '../protocol/method.ts'
import { progressPace } from './progress-pace.ts'

/** What a push will bring: the bytes of each new file by its logical key. */
export type BytesByKey = ReadonlyMap<string, number>

/**
 * Tells the client how far a push is, in files: a file on its way counts as the part of it that is there. The message has
 * the bytes of new files too.
 */
export class PushProgress {
  readonly #context: Notifier
  readonly #files: number
  readonly #sizes: BytesByKey
  readonly #bytes: number
  readonly #before: number
  readonly #isDue = progressPace()
  /** Bytes there of the files that are on their way. */
  readonly #moving = new Map<string, number>()
  #doneFiles = 0
  #doneBytes = 0

  /** @param files of the new revision, as far as can be foreseen @param before the last figure that the client was told */
  constructor(context: Notifier, files: number, sizes: BytesByKey, before: number) {
    this.#context = context
    this.#files = files
    this.#sizes = sizes
    this.#before = before
    this.#bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  }

  /** What PushOptions call `onProgress`. */
  readonly see = ({ logicalKey, bytes, isDone }: EntryProgress): void => {
    const size = this.#sizes.get(logicalKey) ?? 0
    if (isDone) {
      this.#moving.delete(logicalKey)
      this.#doneFiles++
      this.#doneBytes += size
    } else if (size > 0) this.#moving.set(logicalKey, Math.min(bytes, size))
    if (this.#isDue(this.#doneFiles === this.#files)) this.#send()
  }

  #send(): void {
    const files = Math.max(this.#files, this.#doneFiles)
    let [parts, bytes] = [0, this.#doneBytes]
    for (const [key, there] of this.#moving) {
      parts += (there / (this.#sizes.get(key) ?? there)) * 0.99
      bytes += there
    }
    const text = `${String(this.#doneFiles)} of ${String(files)} files`
    this.#context.progress(
      this.#before + this.#doneFiles + Math.round(parts * 1000) / 1000,
      this.#before + files,
      this.#bytes === 0
        ? `${text} written`
        : `${text}, ${String(bytes)} of ${String(this.#bytes)} bytes written`
    )
  }
}

import { IndexedManifest } from './manifest/indexed-manifest.ts'
import { Pace } from './pace.ts'
import { sortInTurns } from './sort-in-turns.ts'
import { compareCodePoints, compareKeys } from './json/code-points.ts'
import { LineCursor } from './scan/line-cursor.ts'
import { equalEntries } from './scan/scanned-entry.ts'
import type { CallOptions, Entry, Manifest } from './types.ts'

/** One logical key that is not the same in two revisions. */
export type Difference =
  | { readonly kind: 'added'; readonly logicalKey: string; readonly after: Entry }
  | { readonly kind: 'deleted'; readonly logicalKey: string; readonly before: Entry }
  | { readonly kind: 'modified'; readonly logicalKey: string; readonly before: Entry; readonly after: Entry }

/** What changed, as the Python client lists it: `added` sorted by key, the others in walk order. */
export interface Diff {
  readonly added: readonly string[]
  readonly modified: readonly string[]
  readonly deleted: readonly string[]
}

export interface DifferencesOptions extends CallOptions {
  /** Only those behind this logical key in walk order; what lies before it is not read. @default all */
  readonly after?: string
}

/**
 * All differences from one revision to another, in walk order, in batches; both manifests are read once, side by side.
 * Equality is that of Python (`1 == 1.0 == True`), and physical keys do not count.
 *
 * Throws QuiltError `aborted`, `manifest-changed`.
 */
export async function* differences(
  before: Manifest,
  after: Manifest,
  options: DifferencesOptions = {}
): AsyncGenerator<readonly Difference[]> {
  const old = cursorOf(before, options)
  const now = cursorOf(after, options)
  try {
    for (;;) {
      await old.fill()
      await now.fill()
      const batch: Difference[] = []
      if (old.done && now.done) return
      while ((old.done || old.ready) && (now.done || now.ready) && (old.ready || now.ready)) {
        const difference = next(old, now)
        if (difference !== undefined && isBehind(difference, options.after)) batch.push(difference)
      }
      if (batch.length > 0) yield batch
    }
  } finally {
    await old.close()
    await now.close()
  }
}

type EntryCursor = BatchCursor | LineCursor

/** Of a manifest file the lines, of which most are the same in two revisions: those are never read as entries. */
function cursorOf(manifest: Manifest, options: DifferencesOptions): EntryCursor {
  return manifest instanceof IndexedManifest
    ? manifest.cursor(options)
    : new BatchCursor(manifest.entryBatches(options))
}

/** Lines may begin before the key that they are to be behind. */
function isBehind({ logicalKey }: Difference, key: string | undefined): boolean {
  return key === undefined || compareKeys(logicalKey, key) > 0
}

function next(old: EntryCursor, now: EntryCursor): Difference | undefined {
  if (old instanceof LineCursor && now instanceof LineCursor && old.isLike(now)) {
    old.take()
    now.take()
    return undefined
  }
  const before = old.current
  const after = now.current
  const order =
    before === undefined ? 1 : after === undefined ? -1 : compareKeys(before.logicalKey, after.logicalKey)
  if (order <= 0) old.take()
  if (order >= 0) now.take()
  if (before !== undefined && order < 0) return { kind: 'deleted', logicalKey: before.logicalKey, before }
  if (after !== undefined && order > 0) return { kind: 'added', logicalKey: after.logicalKey, after }
  if (before === undefined || after === undefined || equalEntries(before, after)) return undefined
  return { kind: 'modified', logicalKey: after.logicalKey, before, after }
}

/** The differences as the lists of keys that quilt3's `Package.diff` returns. Throws as `differences` does. */
export async function diff(before: Manifest, after: Manifest, options: CallOptions = {}): Promise<Diff> {
  const lists: Record<Difference['kind'], string[]> = { added: [], modified: [], deleted: [] }
  for await (const batch of differences(before, after, options))
    for (const { kind, logicalKey } of batch) lists[kind].push(logicalKey)
  return { ...lists, added: await sortInTurns(lists.added, compareCodePoints, new Pace()) }
}

class BatchCursor {
  done = false
  private readonly batches: AsyncIterator<readonly Entry[]>
  private batch: readonly Entry[] = []
  private index = 0

  constructor(batches: AsyncIterable<readonly Entry[]>) {
    this.batches = batches[Symbol.asyncIterator]()
  }

  get current(): Entry | undefined {
    return this.batch[this.index]
  }

  get ready(): boolean {
    return this.index < this.batch.length
  }

  take(): void {
    this.index++
  }

  async close(): Promise<void> {
    await this.batches.return?.()
  }

  /** Gets the next batch where this one is used up. */
  async fill(): Promise<void> {
    while (!this.ready && !this.done) {
      const { value, done } = await this.batches.next()
      if (done === true) this.done = true
      else {
        this.batch = value
        this.index = 0
      }
    }
  }
}

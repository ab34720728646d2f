import { QuiltError, quoted } from '../error.ts'
import { compareKeys } from '../json/index.ts'
import { isJsonObject, type JsonValue } from '../json/value.ts'
import { Pace } from '../pace.ts'
import { sortInTurns } from '../sort-in-turns.ts'
import type { Entry } from '../types.ts'
import type { PendingEntry, Source } from './package-builder.ts'

/** What happens to one entry. */
export type Change =
  | { readonly kind: 'set'; readonly source: Source; readonly meta: JsonValue }
  /** New user metadata for an entry of the base. */
  | { readonly kind: 'meta'; readonly meta: JsonValue }

/**
 * The entries of a base revision with changes applied, in walk order, as a stream: neither side is held in memory
 * beyond the changes. `removed` holds paths of entries and folders of the base that are left out; a change wins.
 */
export async function* mergeEntries(
  base: AsyncIterable<Entry> | Iterable<Entry>,
  changes: ReadonlyMap<string, Change>,
  removed: ReadonlyMap<string, boolean>
): AsyncGenerator<PendingEntry> {
  const pace = new Pace()
  const pending = await sortInTurns([...changes], ([a], [b]) => compareKeys(a, b), pace)
  const unused = new Set([...removed].filter(([, hit]) => !hit).map(([path]) => path))
  let previous: string | undefined
  const checked = (entry: PendingEntry): PendingEntry => {
    if (previous !== undefined && entry.logicalKey.startsWith(`${previous}/`)) throw conflict(previous)
    previous = entry.logicalKey
    return entry
  }
  let next = 0
  for await (const entry of base) {
    if (pace.isDue) await pace.rest()
    for (; next < pending.length; next++) {
      const [key, change] = pending[next] ?? missing()
      if (compareKeys(key, entry.logicalKey) >= 0) break
      yield checked(added(key, change))
      if (pace.isDue) await pace.rest()
    }
    const [key, change] = pending[next] ?? []
    if (change !== undefined && key === entry.logicalKey) {
      next++
      removal(entry.logicalKey, removed, unused)
      yield checked(changed(entry, change))
    } else if (!removal(entry.logicalKey, removed, unused))
      yield checked({ logicalKey: entry.logicalKey, source: entry, meta: entry.record.meta })
  }
  for (; next < pending.length; next++) {
    const [key, change] = pending[next] ?? missing()
    yield checked(added(key, change))
    if (pace.isDue) await pace.rest()
  }
  const [path] = unused
  if (path !== undefined) throw notThere(path, 'remove')
}

function changed(entry: Entry, change: Change): PendingEntry {
  const { logicalKey } = entry
  if (change.kind === 'set') return { logicalKey, source: change.source, meta: change.meta }
  const old = entry.record.meta
  return {
    logicalKey,
    source: entry,
    meta: new Map(isJsonObject(old) ? old : []).set('user_meta', change.meta)
  }
}

function added(logicalKey: string, change: Change): PendingEntry {
  if (change.kind === 'meta') throw notThere(logicalKey, 'change')
  return { logicalKey, source: change.source, meta: change.meta }
}

/** Whether an entry of the base is to be left out; notes which removal it was. */
function removal(key: string, removed: ReadonlyMap<string, boolean>, unused: Set<string>): boolean {
  if (removed.size === 0) return false
  for (let end = key.indexOf('/'); ; end = key.indexOf('/', end + 1)) {
    const path = end === -1 ? key : key.slice(0, end)
    if (removed.has(path)) {
      unused.delete(path)
      return true
    }
    if (end === -1) return false
  }
}

function conflict(key: string): QuiltError {
  return new QuiltError('key-conflict', `${quoted(key)} would be an entry and a folder at once`, { key })
}

function notThere(key: string, what: string): QuiltError {
  return new QuiltError('entry-not-found', `there is no ${quoted(key)} in the package to ${what}`, { key })
}

function missing(): never {
  throw new QuiltError('internal', 'a change was lost')
}

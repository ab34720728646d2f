import type { DatabaseSync } from 'node:sqlite'

import { transaction } from './database.ts'
import { extensionOf } from './extension.ts'
import type { IndexedRevision, Sizes } from './index-task.ts'
import { entrySum, packageSum } from './row-sums.ts'

/** A revision that is still incomplete after this time was left by a process that died, in milliseconds. */
const abandonedAfter = 60 * 60 * 1000

/** The first `limit` packages in the index whose names are behind `after`, by name, with their marks. */
export function listIndexed(
  database: DatabaseSync,
  after: string,
  limit: number
): readonly (readonly [name: string, mark: string])[] {
  const rows = database
    .prepare('SELECT name, mark FROM package WHERE complete = 1 AND name > ? ORDER BY name LIMIT ?')
    .all(after, limit)
  return rows.map(({ name, mark }) => [String(name), String(mark)])
}

/** Makes room for a revision, which nobody sees yet, and returns its number. */
export function beginRevision(database: DatabaseSync, revision: IndexedRevision): number {
  const { name, mark, topHash, message, meta, modified, files, bytes } = revision
  let id = 0n
  transaction(database, () => {
    const now = Date.now()
    for (const { id: left } of database
      .prepare('SELECT id FROM package WHERE complete = 0 AND started < ?')
      .all(now - abandonedAfter))
      removeRevision(database, Number(left))
    const { lastInsertRowid } = database
      .prepare(
        'INSERT INTO package (name, mark, top_hash, message, modified, files, bytes, started, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'
      )
      .run(name, mark, topHash, message, modified, files, bytes, now, packageSum(revision))
    id = BigInt(lastInsertRowid)
    // a rowid that is given as a number would be taken for a float, and not be used
    database
      .prepare('INSERT INTO package_text (rowid, name, message, meta) VALUES (?, ?, ?, ?)')
      .run(id, name, message ?? '', meta)
  })
  return Number(id)
}

/** Adds entries to a revision that is not complete. */
export function addEntries(
  database: DatabaseSync,
  revision: number,
  keys: readonly string[],
  sizes: Sizes
): void {
  transaction(database, () => {
    const found = database.prepare('SELECT name FROM package WHERE id = ? AND complete = 0').get(revision)
    // Someone else took it for abandoned, or removed the whole index: this revision is left out until the next time.
    if (found === undefined) return
    const entry = database.prepare(
      'INSERT INTO entry (package, key, extension, size, sum) VALUES (?, ?, ?, ?, ?)'
    )
    const text = database.prepare('INSERT INTO entry_text (rowid, key, package) VALUES (?, ?, ?)')
    for (const [index, key] of keys.entries()) {
      const known = sizes[index] ?? NaN
      const size = Number.isNaN(known) ? null : known
      const { lastInsertRowid } = entry.run(
        revision,
        key,
        extensionOf(key),
        size === null ? null : BigInt(size),
        entrySum(revision, key, size)
      )
      text.run(BigInt(lastInsertRowid), key, String(found.name))
    }
    database.prepare('UPDATE package SET indexed = indexed + ? WHERE id = ?').run(keys.length, revision)
  })
}

/** Shows a revision in place of what there was of its package. */
export function completeRevision(database: DatabaseSync, revision: number): void {
  transaction(database, () => {
    const found = database.prepare('SELECT name FROM package WHERE id = ?').get(revision)
    if (found === undefined) return
    for (const { id } of database
      .prepare('SELECT id FROM package WHERE name = ? AND complete = 1')
      .all(String(found.name)))
      removeRevision(database, Number(id))
    database.prepare('UPDATE package SET complete = 1 WHERE id = ?').run(revision)
  })
}

/** Forgets packages that are no longer there. */
export function removePackages(database: DatabaseSync, names: readonly string[]): void {
  transaction(database, () => {
    const find = database.prepare('SELECT id FROM package WHERE name = ? AND complete = 1')
    for (const name of names) for (const { id } of find.all(name)) removeRevision(database, Number(id))
  })
}

function removeRevision(database: DatabaseSync, id: number): void {
  database.prepare('DELETE FROM entry_text WHERE rowid IN (SELECT id FROM entry WHERE package = ?)').run(id)
  database.prepare('DELETE FROM entry WHERE package = ?').run(id)
  database.prepare('DELETE FROM package_text WHERE rowid = ?').run(id)
  database.prepare('DELETE FROM package WHERE id = ?').run(id)
}

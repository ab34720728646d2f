import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { types } from 'node:util'

import { DamagedRow } from './row-sums.ts'

/** Marks a file as an index of this form; one of another form is made anew. */
const applicationId = 0x51_49_58_32

/** How long a writer waits for another one, in milliseconds. */
const patience = 10_000

// A package is written entry by entry and only then made visible: `complete`. The texts are not kept a second time.
const schema = `
  CREATE TABLE registry (uri TEXT NOT NULL);
  CREATE TABLE package (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, mark TEXT NOT NULL, top_hash TEXT NOT NULL, message TEXT,
    modified INTEGER, files INTEGER NOT NULL, bytes INTEGER NOT NULL, indexed INTEGER NOT NULL DEFAULT 0,
    started INTEGER NOT NULL, complete INTEGER NOT NULL DEFAULT 0, sum INTEGER NOT NULL
  );
  CREATE INDEX package_name ON package (name);
  CREATE TABLE entry (
    id INTEGER PRIMARY KEY, package INTEGER NOT NULL, key TEXT NOT NULL, extension TEXT NOT NULL, size INTEGER,
    sum INTEGER NOT NULL
  );
  CREATE INDEX entry_package ON entry (package, extension);
  CREATE VIRTUAL TABLE package_text USING fts5 (
    name, message, meta, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE VIRTUAL TABLE entry_text USING fts5 (
    key, package, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
  );
  PRAGMA application_id = ${applicationId};
`

/**
 * Does something with the index in a file, which is made where there is none. A file that is damaged, of another form or
 * of another registry is removed, and a new one is made.
 *
 * @returns what `use` returns, and whether the index is new: it has to be filled then
 */
export function withIndex<T>(
  file: string,
  registry: string,
  use: (database: DatabaseSync) => T
): { readonly result: T; readonly isNew: boolean } {
  let isNew = false
  for (let attempt = 1; ; attempt++) {
    const opened = open(file, registry)
    try {
      isNew ||= opened?.isNew === true
      if (opened !== undefined) return { result: use(opened.database), isNew }
    } catch (error) {
      if (attempt > 2 || !isDamage(error)) throw error
    } finally {
      opened?.database.close()
    }
    for (const name of [file, `${file}-journal`]) rmSync(name, { force: true })
  }
}

/** Undefined where the file holds something else. */
function open(
  file: string,
  registry: string
): { readonly database: DatabaseSync; readonly isNew: boolean } | undefined {
  const database = new DatabaseSync(file, { timeout: patience })
  try {
    // A crash of the machine may cost the index, which can be made again; a crash of the process does not.
    database.exec('PRAGMA synchronous = OFF')
    if (isOurs(database, registry)) return { database, isNew: false }
    if (isEmpty(database)) {
      transaction(database, () => {
        // Another process may have been faster.
        if (!isEmpty(database)) return
        database.exec(schema)
        database.prepare('INSERT INTO registry VALUES (?)').run(registry)
      })
      if (isOurs(database, registry)) return { database, isNew: true }
    }
  } catch (error) {
    database.close()
    if (isDamage(error)) return undefined
    throw error
  }
  database.close()
  return undefined
}

function isOurs(database: DatabaseSync, registry: string): boolean {
  if (database.prepare('PRAGMA application_id').get()?.application_id !== applicationId) return false
  return database.prepare('SELECT uri FROM registry').get()?.uri === registry
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables === 0
}

/** Does all of something or nothing of it. */
export function transaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Codes of SQLite that say that the file is wrong: no such table (1), corrupt (11), not a database (26). */
const damageCodes: readonly unknown[] = [1, 11, 26]

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedRow) return true
  // the low byte is the code, what is above says more
  return (
    types.isNativeError(error) && 'errcode' in error && damageCodes.includes(Number(error.errcode) & 0xff)
  )
}

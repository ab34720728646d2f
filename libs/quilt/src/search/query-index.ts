import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

import type { IndexQuery } from './index-task.ts'
import { DamagedRow, entrySum, packageSum } from './row-sums.ts'

/** What an index answers, in the order of relevance. */
export interface IndexAnswer {
  /** Everything that matches. */
  readonly total: number
  /** Packages that are in the index with a part of their keys only. */
  readonly partial: number
  /** Those of the page. */
  readonly rows: readonly IndexRow[]
}

export interface IndexRow {
  readonly name: string
  readonly topHash: string
  /** Milliseconds since 1970. */
  readonly modified: number | null
  readonly message: string | null
  readonly files: number
  readonly bytes: number
  /** Of a package: its entries that match. Of an entry: 1. */
  readonly matching: number
  /** Of an entry. */
  readonly key: string | null
  readonly size: number | null
}

type Values = Record<string, SQLInputValue>

/** Part of a statement, with the values of its parameters. */
interface Condition {
  readonly sql: string
  readonly values: Values
}

/** Answers a query. Names weigh more than messages, messages more than metadata; last parts of keys are not told apart. */
export function queryIndex(database: DatabaseSync, query: IndexQuery): IndexAnswer {
  const { sql, values } = query.of === 'entries' ? entriesSql(query) : packagesSql(query)
  const { limit, offset } = query
  const total = Number(database.prepare(`SELECT count(*) AS total FROM (${sql})`).get(values)?.total ?? 0)
  const order = query.of === 'entries' ? 'score, key, name' : 'score, matching DESC, name'
  const rows = database
    .prepare(`SELECT * FROM (${sql}) ORDER BY ${order} LIMIT :limit OFFSET :offset`)
    .all({ ...values, limit, offset })
  const partial = database
    .prepare('SELECT count(*) AS packages FROM package WHERE complete = 1 AND indexed < files')
    .get()
  return { total, partial: Number(partial?.packages ?? 0), rows: rows.map(rowOf) }
}

const columns =
  'p.id AS package, p.name, p.top_hash, p.modified, p.message, p.files, p.bytes, p.sum AS package_sum'

function entriesSql(query: IndexQuery): Condition {
  const filters = all([packageFilter(query), entryFilter(query)])
  if (query.words.length === 0)
    return {
      sql: `SELECT ${columns}, 1 AS matching, e.key, e.size, e.sum AS entry_sum, 0 AS score
        FROM entry e JOIN package p ON p.id = e.package WHERE ${filters.sql}`,
      values: filters.values
    }
  return {
    sql: `SELECT ${columns}, 1 AS matching, e.key, e.size, e.sum AS entry_sum, bm25(entry_text, 2.0, 1.0) AS score
      FROM entry_text JOIN entry e ON e.id = entry_text.rowid JOIN package p ON p.id = e.package
      WHERE entry_text MATCH :words AND ${filters.sql}`,
    values: { ...filters.values, words: matchOf(query.words) }
  }
}

function packagesSql(query: IndexQuery): Condition {
  const entries = entryFilter(query)
  const packages = packageFilter(query)
  const filtersEntries = entries.sql !== '1'
  const values = { ...entries.values, ...packages.values }
  if (query.words.length === 0)
    return {
      sql: `SELECT ${columns}, ${filtersEntries ? `(SELECT count(*) FROM entry e WHERE e.package = p.id AND ${entries.sql})` : 'p.files'} AS matching,
          NULL AS key, NULL AS size, 0 AS score
        FROM package p WHERE ${packages.sql}
        ${filtersEntries ? `AND EXISTS (SELECT 1 FROM entry e WHERE e.package = p.id AND ${entries.sql})` : ''}`,
      values
    }
  // A package is found by what it says of itself or by its keys; what says it itself comes first.
  return {
    sql: `WITH
        told AS (SELECT rowid AS id, bm25(package_text, 10.0, 4.0, 1.0) AS score
          FROM package_text WHERE package_text MATCH :words),
        held AS (SELECT e.package AS id, count(*) AS matching
          FROM entry_text JOIN entry e ON e.id = entry_text.rowid
          WHERE entry_text MATCH :inKeys AND ${entries.sql} GROUP BY e.package)
      SELECT ${columns}, coalesce(held.matching, 0) AS matching, NULL AS key, NULL AS size,
        coalesce(told.score, 0) AS score
      FROM package p LEFT JOIN told ON told.id = p.id LEFT JOIN held ON held.id = p.id
      WHERE (told.id IS NOT NULL OR held.id IS NOT NULL) AND ${packages.sql}
        ${filtersEntries ? `AND EXISTS (SELECT 1 FROM entry e WHERE e.package = p.id AND ${entries.sql})` : ''}`,
    values: { ...values, words: matchOf(query.words), inKeys: `key : (${matchOf(query.words)})` }
  }
}

function packageFilter({ package: name, modifiedAfter, modifiedBefore }: IndexQuery): Condition {
  return all([
    { sql: 'p.complete = 1', values: {} },
    name === undefined
      ? nothing
      : name.endsWith('/')
        ? // no name has a character after this one
          { sql: 'p.name >= :name AND p.name < :behind', values: { name, behind: `${name}\u{10ffff}` } }
        : { sql: 'p.name = :name', values: { name } },
    modifiedAfter === undefined
      ? nothing
      : { sql: 'p.modified >= :modifiedAfter', values: { modifiedAfter } },
    modifiedBefore === undefined
      ? nothing
      : { sql: 'p.modified < :modifiedBefore', values: { modifiedBefore } }
  ])
}

function entryFilter({ extensions, minSize, maxSize }: IndexQuery): Condition {
  const names = extensions.map((_, index) => `:extension${index}`)
  return all([
    extensions.length === 0
      ? nothing
      : {
          sql: `e.extension IN (${names.join(', ')})`,
          values: Object.fromEntries(extensions.map((each, index) => [`extension${index}`, each]))
        },
    minSize === undefined ? nothing : { sql: 'e.size >= :minSize', values: { minSize } },
    maxSize === undefined ? nothing : { sql: 'e.size <= :maxSize', values: { maxSize } }
  ])
}

const nothing: Condition = { sql: '', values: {} }

function all(conditions: readonly Condition[]): Condition {
  const some = conditions.filter(({ sql }) => sql !== '' && sql !== '1')
  return {
    sql: some.length === 0 ? '1' : some.map(({ sql }) => sql).join(' AND '),
    values: Object.assign({}, ...some.map(({ values }) => values))
  }
}

/** All words, each or what begins with it; a word with punctuation is a phrase. */
function matchOf(words: readonly string[]): string {
  return words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' AND ')
}

/** Throws DamagedRow for one that is not what was written. */
function rowOf(row: Readonly<Record<string, unknown>>): IndexRow {
  const read = {
    name: String(row.name),
    topHash: String(row.top_hash),
    modified: numberOrNull(row.modified),
    message: typeof row.message === 'string' ? row.message : null,
    files: Number(row.files),
    bytes: Number(row.bytes),
    matching: Number(row.matching),
    key: typeof row.key === 'string' ? row.key : null,
    size: numberOrNull(row.size)
  }
  const isEntry = 'entry_sum' in row
  if (
    packageSum(read) !== row.package_sum ||
    (isEntry && entrySum(Number(row.package), read.key ?? '', read.size) !== row.entry_sum)
  )
    throw new DamagedRow(`the index says something else of ${read.name} than was written`)
  return read
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

import type { PatternReader } from './pattern-reader.ts'

/** Flags of Python's `re` that are in force: i, m, s and a. Verbose mode is not supported, and u is the want of a. */
export type Flags = ReadonlySet<string>

const known = 'imsauxL'

/** What `(?i)` and `(?i-m:` ask for. */
export interface FlagChange {
  readonly isGlobal: boolean
  readonly added: ReadonlySet<string>
  readonly removed: ReadonlySet<string>
}

/** Reads flags and what ends them. Source: Python 3.11, re/_parser.py (_parse_flags). */
export function readFlags(reader: PatternReader): FlagChange {
  const added = readLetters(reader)
  if (added.has('L') || (added.has('a') && added.has('u'))) throw reader.invalid('bad inline flags')
  if (added.has('x')) throw reader.unsupported('verbose mode')
  if (added.size > 0 && reader.accept(')')) return { isGlobal: true, added, removed: new Set() }
  const removed = reader.accept('-') ? readLetters(reader) : undefined
  if (removed?.size === 0) throw reader.invalid('missing flag')
  if (!reader.accept(':')) throw reader.invalid('bad inline flags')
  for (const flag of removed ?? [])
    if ('auL'.includes(flag) || added.has(flag)) throw reader.invalid('bad inline flags')
  return { isGlobal: false, added, removed: removed ?? new Set() }
}

function readLetters(reader: PatternReader): ReadonlySet<string> {
  const letters = new Set<string>()
  while (reader.next !== undefined && known.includes(reader.next)) letters.add(reader.take())
  return letters
}

export function changed(flags: Flags, { added, removed }: FlagChange): Flags {
  const all = new Set([...flags, ...added])
  for (const flag of [...removed, ...(added.has('u') ? ['a'] : [])]) all.delete(flag)
  return all
}

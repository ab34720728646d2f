import type { TypeTotal } from '../types.ts'

interface Total {
  files: number
  bytes: number
}

/** Longer extensions are none: they are parts of names. */
const maxExtensionLength = 16

const dot = 0x2e
const slash = 0x2f

interface Extension {
  readonly bytes: Uint8Array
  readonly name: string
}

/** Extensions that are looked through before the text of one is made. */
const recentExtensions = 8

/** Counts entries by extension, for each of the folders that are open at the moment. */
export class TypeCounter {
  private readonly levels: Map<string, Total>[] = [new Map()]
  private readonly recent: Extension[] = []
  private current: Total | undefined
  private currentName = ''

  open(): void {
    this.levels.push(new Map())
    this.current = undefined
  }

  /** Ends the innermost folder: what was in it counts for the one around it. */
  close(): readonly TypeTotal[] {
    this.current = undefined
    const closed = this.levels.pop() ?? new Map<string, Total>()
    const outer = this.levels[this.levels.length - 1]
    if (outer !== undefined)
      for (const [name, { files, bytes }] of closed) {
        const total = totalOf(outer, name)
        total.files += files
        total.bytes += bytes
      }
    return sorted(closed)
  }

  /** An entry in the innermost folder, its key as UTF-8 bytes. */
  add(bytes: Uint8Array, start: number, end: number, size: number): void {
    const name = this.nameOf(bytes, extensionStart(bytes, start, end), end)
    const level = this.levels[this.levels.length - 1]
    if (level === undefined) return
    if (this.current === undefined || this.currentName !== name) {
      this.current = totalOf(level, name)
      this.currentName = name
    }
    this.current.files++
    this.current.bytes += size
  }

  private nameOf(bytes: Uint8Array, start: number, end: number): string {
    for (const extension of this.recent) if (isSame(extension.bytes, bytes, start, end)) return extension.name
    const own = Buffer.from(bytes.subarray(start, end))
    const name = own.toString('utf8').toLowerCase()
    this.recent.unshift({ bytes: own, name })
    if (this.recent.length > recentExtensions) this.recent.pop()
    return name
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let index = 0; index < known.length; index++) if (known[index] !== bytes[start + index]) return false
  return true
}

/** Where the extension of the last part of a key starts; `end` where there is none. */
function extensionStart(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.max(start, end - maxExtensionLength - 1)
  for (let at = end - 1; at >= limit; at--) {
    if (bytes[at] === slash) return end
    if (bytes[at] !== dot) continue
    return at > start && bytes[at - 1] !== slash ? at + 1 : end
  }
  return end
}

function totalOf(totals: Map<string, Total>, name: string): Total {
  let total = totals.get(name)
  if (total === undefined) totals.set(name, (total = { files: 0, bytes: 0 }))
  return total
}

function sorted(totals: ReadonlyMap<string, Total>): readonly TypeTotal[] {
  return Array.from(totals, ([extension, { files, bytes }]) => ({ extension, files, bytes })).sort(
    (a, b) => b.files - a.files || (a.extension < b.extension ? -1 : 1)
  )
}

/** Counts entries by extension. */
export function countTypes(
  entries: Iterable<{ readonly logicalKey: string; readonly size: number | undefined }>
): readonly TypeTotal[] {
  const counter = new TypeCounter()
  for (const { logicalKey, size } of entries) {
    const key = Buffer.from(logicalKey)
    counter.add(key, 0, key.length, size ?? 0)
  }
  return counter.close()
}

const slash = 0x2f

/** What happened to the open folders when the next key was reached. */
export interface FolderEvents {
  /** The innermost open folder ends before this key. */
  close(): void
  /** A folder opens; its name is `bytes[start..end)`. */
  open(bytes: Uint8Array, start: number, end: number): void
}

/**
 * Follows keys in the order of a walk, as UTF-8 bytes: tells which folders close and open between them, and notices
 * when a key is not after the one before.
 */
export class WalkCursor {
  private readonly events: FolderEvents
  private previous = new Uint8Array(1024)
  private length = -1
  /** For each open folder, where its path ends in the previous key. */
  private readonly ends: number[] = []
  private previousIsEntry = false

  constructor(events: FolderEvents) {
    this.events = events
  }

  /**
   * Goes to the next key.
   *
   * @param isEntry false for a folder, whose key ends with `/`
   * @returns false where the key is not after the previous one, or lies inside a previous entry; nothing has changed then
   */
  advance(bytes: Uint8Array, start: number, end: number, isEntry: boolean): boolean {
    const length = end - start
    const { previous } = this
    const shared = Math.min(length, this.length)
    let common = 0
    while (common < shared && bytes[start + common] === previous[common]) common++
    if (this.length >= 0 && !this.isAfter(bytes, start, length, common)) return false
    this.moveFolders(bytes, start, length, common)
    this.remember(bytes, start, length, common)
    this.previousIsEntry = isEntry
    return true
  }

  /** Closes all folders. */
  finish(): void {
    while (this.ends.pop() !== undefined) this.events.close()
  }

  private isAfter(bytes: Uint8Array, start: number, length: number, common: number): boolean {
    if (common === length) return false
    const byte = bytes[start + common] ?? 0
    if (common === this.length) return !(this.previousIsEntry && byte === slash)
    return rank(byte) > rank(this.previous[common] ?? 0)
  }

  private moveFolders(bytes: Uint8Array, start: number, length: number, common: number): void {
    const { ends } = this
    let inner = ends.length === 0 ? 0 : (ends[ends.length - 1] ?? 0)
    while (inner > common) {
      ends.pop()
      this.events.close()
      inner = ends.length === 0 ? 0 : (ends[ends.length - 1] ?? 0)
    }
    for (let index = Math.max(common, inner); index < length; index++) {
      if (bytes[start + index] !== slash) continue
      this.events.open(bytes, start + inner, start + index)
      inner = index + 1
      ends.push(inner)
    }
  }

  private remember(bytes: Uint8Array, start: number, length: number, common: number): void {
    if (length > this.previous.length) {
      const larger = new Uint8Array(length * 2)
      larger.set(this.previous)
      this.previous = larger
    }
    const { previous } = this
    for (let index = common; index < length; index++) previous[index] = bytes[start + index] ?? 0
    this.length = length
  }
}

/** `/` comes before every other byte. */
function rank(byte: number): number {
  return byte === slash ? -1 : byte
}

/** The order of a walk for keys as UTF-8 bytes: less than zero where `a` comes first. */
export function compareKeyBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index++)
    if (a[index] !== b[index]) return rank(a[index] ?? 0) - rank(b[index] ?? 0)
  return a.length - b.length
}

/** The values used most recently, as long as they have not too many bytes together. */
export class Recent<T> {
  private readonly values = new Map<string, { readonly value: T; readonly bytes: number }>()
  private readonly maxBytes: number
  private bytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Marks the value as used. */
  get(name: string): T | undefined {
    const found = this.values.get(name)
    if (found === undefined) return undefined
    this.values.delete(name)
    this.values.set(name, found)
    return found.value
  }

  /** @param bytes what the value takes; one that is larger than everything may be is not kept */
  set(name: string, value: T, bytes: number): void {
    this.delete(name)
    if (bytes > this.maxBytes) return
    this.values.set(name, { value, bytes })
    this.bytes += bytes
    for (const [oldest] of this.values) {
      if (this.bytes <= this.maxBytes) return
      this.delete(oldest)
    }
  }

  private delete(name: string): void {
    this.bytes -= this.values.get(name)?.bytes ?? 0
    this.values.delete(name)
  }
}

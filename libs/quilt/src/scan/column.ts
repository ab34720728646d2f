/** A list of unsigned 32-bit numbers that grows. */
export class Uint32Column {
  length = 0
  private values = new Uint32Array(1024)

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(this.values.length * 2)
      larger.set(this.values)
      this.values = larger
    }
    this.values[this.length++] = value
  }

  set(index: number, value: number): void {
    this.values[index] = value
  }

  get(index: number): number {
    return this.values[index] ?? 0
  }

  /** A view of what is there; good until the next push. */
  view(): Uint32Array {
    return this.values.subarray(0, this.length)
  }
}

/** A list of numbers that grows: positions in files, and bytes. */
export class Float64Column {
  length = 0
  private values = new Float64Array(1024)

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.values.length * 2)
      larger.set(this.values)
      this.values = larger
    }
    this.values[this.length++] = value
  }

  set(index: number, value: number): void {
    this.values[index] = value
  }

  get(index: number): number {
    return this.values[index] ?? 0
  }

  view(): Float64Array {
    return this.values.subarray(0, this.length)
  }
}

/** A list of texts in one buffer: text `i` is `bytes[offsets[i]..offsets[i + 1])`. */
export class TextColumn {
  private readonly offsets = new Uint32Column()
  private bytes = Buffer.alloc(4096)
  private end = 0

  constructor() {
    this.offsets.push(0)
  }

  get length(): number {
    return this.offsets.length - 1
  }

  push(source: Uint8Array, start: number, end: number): void {
    const size = end - start
    if (this.end + size > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.end + size))
      this.bytes.copy(larger, 0, 0, this.end)
      this.bytes = larger
    }
    for (let index = 0; index < size; index++) this.bytes[this.end + index] = source[start + index] ?? 0
    this.end += size
    this.offsets.push(this.end)
  }

  offsetsView(): Uint32Array {
    return this.offsets.view()
  }

  bytesView(): Buffer {
    return this.bytes.subarray(0, this.end)
  }
}

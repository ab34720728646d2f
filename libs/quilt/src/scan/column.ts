/** What the arrays of numbers have in common that a column needs. */
interface Numbers<T> {
  readonly length: number
  [index: number]: number
  set(source: T): void
  subarray(start: number, end: number): T
}

/** A list of numbers that grows, in one array. */
class NumberColumn<T extends Numbers<T>> {
  length = 0
  private readonly make: (length: number) => T
  private values: T

  constructor(make: (length: number) => T) {
    this.make = make
    this.values = make(1024)
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = this.make(this.values.length * 2)
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
  view(): T {
    return this.values.subarray(0, this.length)
  }
}

/** A list of unsigned 32-bit numbers that grows. */
export class Uint32Column extends NumberColumn<Uint32Array<ArrayBuffer>> {
  constructor() {
    super((length) => new Uint32Array(length))
  }
}

/** A list of numbers that grows: positions in files, and bytes. */
export class Float64Column extends NumberColumn<Float64Array<ArrayBuffer>> {
  constructor() {
    super((length) => new Float64Array(length))
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

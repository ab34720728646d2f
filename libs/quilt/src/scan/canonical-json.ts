import { encodeForHash } from '../json/encode.ts'
import { pythonFloat } from '../json/python-float.ts'
import { skipSpace, skipString } from './json-bytes.ts'

/** Levels that are encoded here; deeper values are left to the general encoder. */
const maxLevels = 200

/** Digits of an integer that are copied here; longer ones are left to the general encoder. */
const maxDigits = 1000

/** A decimal number of at most this many characters has at most 15 digits: a double gives the same digits back. */
const exactLength = 16

const quote = 0x22
const comma = 0x2c
const colon = 0x3a

/** 1 for a character that is the same in both encodings: printable ASCII without quote and backslash. */
const sameByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte <= 0x7e && byte !== 0x22 && byte !== 0x5c ? 1 : 0
)

/**
 * Turns JSON as bytes into the encoding that is hashed, without making values of it: no space, keys sorted, ASCII only.
 *
 * The output has room for six times the input; the caller sees to that.
 */
export class CanonicalJson {
  output: Buffer = Buffer.allocUnsafeSlow(1024)
  /** Bytes of the output that are in use. */
  length = 0
  private input: Buffer = Buffer.alloc(0)
  private at = 0
  private end = 0
  private scratch: Buffer = Buffer.allocUnsafeSlow(1024)
  /** For the members of all open objects: where the key starts and ends in the output, and where the member ends. */
  private readonly members: number[] = []

  /** Makes room for so many more bytes. */
  reserve(size: number): void {
    if (this.length + size <= this.output.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.output.length * 2, this.length + size))
    this.output.copy(larger, 0, 0, this.length)
    this.output = larger
  }

  /** Appends bytes as they are. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    const { output } = this
    let { length } = this
    for (let index = start; index < end; index++) output[length++] = bytes[index] ?? 0
    this.length = length
  }

  /** Appends ASCII text as it is. */
  ascii(text: string): void {
    this.reserve(text.length)
    this.length += this.output.write(text, this.length, 'latin1')
  }

  /**
   * Appends the JSON value that fills `input[start..end)`. False where it is not valid or too unusual for this encoder
   * (equal keys, keys that need escapes, NaN): nothing is appended then.
   */
  value(input: Buffer, start: number, end: number): boolean {
    const before = this.length
    this.input = input
    this.at = start
    this.end = end
    this.members.length = 0
    if (this.any(0) && skipSpace(input, this.at) === end) return true
    this.length = before
    return false
  }

  /** Appends a string whose bytes between the quotes, `input[start..end)`, need no decoding, with its quotes. */
  plainString(input: Buffer, start: number, end: number): void {
    const { output } = this
    let { length } = this
    output[length++] = quote
    let index = start
    while (index < end && sameByte[input[index] ?? 0] === 1) output[length++] = input[index++] ?? 0
    if (index === end) {
      output[length++] = quote
      this.length = length
    } else
      this.length += output.write(encodeForHash(input.toString('utf8', start, end)), this.length, 'latin1')
  }

  private any(level: number): boolean {
    this.at = skipSpace(this.input, this.at)
    switch (this.input[this.at]) {
      case quote:
        return this.string()
      case 0x7b:
        return level < maxLevels && this.object(level + 1)
      case 0x5b:
        return level < maxLevels && this.array(level + 1)
      case 0x74:
        return this.word('true')
      case 0x66:
        return this.word('false')
      case 0x6e:
        return this.word('null')
      default:
        return this.number()
    }
  }

  private put(byte: number): void {
    this.output[this.length++] = byte
  }

  private word(word: string): boolean {
    const end = this.at + word.length
    if (end > this.end || this.input.toString('latin1', this.at, end) !== word) return false
    this.copy(this.input, this.at, end)
    this.at = end
    return true
  }

  private string(): boolean {
    const { input, output } = this
    const start = this.at
    let at = start + 1
    let { length } = this
    output[length++] = quote
    for (;;) {
      const byte = input[at] ?? 0
      if (sameByte[byte] !== 1) break
      output[length++] = byte
      at++
    }
    if (input[at] === quote && at < this.end) {
      output[length++] = quote
      this.length = length
      this.at = at + 1
      return true
    }
    const end = skipString(input, start, this.end)
    if (end < 0) return false
    const text: unknown = JSON.parse(input.toString('utf8', start, end))
    if (typeof text !== 'string') return false
    this.length += output.write(encodeForHash(text), this.length, 'latin1')
    this.at = end
    return true
  }

  private array(level: number): boolean {
    this.put(0x5b)
    this.at = skipSpace(this.input, this.at + 1)
    if (this.input[this.at] === 0x5d) return this.close(0x5d)
    for (;;) {
      if (!this.any(level)) return false
      this.at = skipSpace(this.input, this.at)
      if (this.input[this.at] === 0x5d) return this.close(0x5d)
      if (this.input[this.at] !== comma) return false
      this.put(comma)
      this.at++
    }
  }

  private close(byte: number): boolean {
    this.put(byte)
    this.at++
    return true
  }

  private object(level: number): boolean {
    const { input, members } = this
    this.put(0x7b)
    this.at = skipSpace(input, this.at + 1)
    if (input[this.at] === 0x7d) return this.close(0x7d)
    const first = members.length
    const start = this.length
    let sorted = true
    for (;;) {
      const member = members.length
      if (input[this.at] !== quote || !this.key()) return false
      if (member > first) {
        const order = this.compareKeys(member - 3, member)
        if (order === 0) return false
        if (order > 0) sorted = false
      }
      if (!this.any(level)) return false
      this.put(comma)
      members[member + 2] = this.length
      this.at = skipSpace(input, this.at)
      const byte = input[this.at++]
      if (byte === 0x7d) break
      if (byte !== comma) return false
      this.at = skipSpace(input, this.at)
    }
    const unique = sorted || this.sortMembers(first, start)
    members.length = first
    // in the place of the last comma
    this.output[this.length - 1] = 0x7d
    return unique
  }

  /** A key and its colon. False for one with escapes in the output: its order is not that of the bytes. */
  private key(): boolean {
    const start = this.length
    if (!this.string()) return false
    for (let index = start; index < this.length; index++) if (this.output[index] === 0x5c) return false
    this.members.push(start + 1, this.length - 1, 0)
    this.at = skipSpace(this.input, this.at)
    if (this.input[this.at] !== colon) return false
    this.put(colon)
    this.at++
    return true
  }

  private compareKeys(a: number, b: number): number {
    const { members, output } = this
    const aStart = members[a] ?? 0
    const bStart = members[b] ?? 0
    const aLength = (members[a + 1] ?? 0) - aStart
    const bLength = (members[b + 1] ?? 0) - bStart
    const shared = Math.min(aLength, bLength)
    for (let index = 0; index < shared; index++) {
      const difference = (output[aStart + index] ?? 0) - (output[bStart + index] ?? 0)
      if (difference !== 0) return difference
    }
    return aLength - bLength
  }

  /** Puts the members of one object, which start at `start` in the output, in order. False where two keys are equal. */
  private sortMembers(first: number, start: number): boolean {
    const { members, output } = this
    const order: number[] = []
    for (let member = first; member < members.length; member += 3) order.push(member)
    let unique = true
    order.sort((a, b) => {
      const difference = this.compareKeys(a, b)
      if (difference === 0 && a !== b) unique = false
      return difference
    })
    const size = this.length - start
    if (size > this.scratch.length) this.scratch = Buffer.allocUnsafeSlow(size * 2)
    output.copy(this.scratch, 0, start, this.length)
    let to = start
    for (const member of order) {
      // from the opening quote to the comma
      const from = (members[member] ?? 0) - 1 - start
      const end = (members[member + 2] ?? 0) - start
      for (let index = from; index < end; index++) output[to++] = this.scratch[index] ?? 0
    }
    return unique
  }

  private number(): boolean {
    const { input } = this
    const start = this.at
    const negative = input[start] === 0x2d
    const first = negative ? start + 1 : start
    let at = digitsEnd(input, first)
    if (at === first || (input[first] === 0x30 && at > first + 1) || at > this.end) return false
    const whole = at
    if (input[at] === 0x2e) {
      at = digitsEnd(input, whole + 1)
      if (at === whole + 1) return false
    }
    const fraction = at - whole
    if (input[at] === 0x65 || input[at] === 0x45) {
      const sign = input[at + 1]
      const exponent = at + (sign === 0x2b || sign === 0x2d ? 2 : 1)
      at = digitsEnd(input, exponent)
      if (at === exponent) return false
      this.ascii(pythonFloat(Number(input.toString('latin1', start, at))))
    } else if (fraction === 0) {
      if (at - first > maxDigits) return false
      // the integer -0 is 0
      this.copy(input, negative && input[first] === 0x30 ? first : start, at)
    } else if (isShortest(input, first, whole, at)) this.copy(input, start, at)
    else this.ascii(pythonFloat(Number(input.toString('latin1', start, at))))
    this.at = at
    return true
  }
}

function digitsEnd(bytes: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    const byte = bytes[at] ?? 0
    if (byte < 0x30 || byte > 0x39) return at
    at++
  }
}

/** Whether a decimal number without exponent, its point at `point`, is surely what Python would print. */
function isShortest(bytes: Uint8Array, first: number, point: number, end: number): boolean {
  if (end - first > exactLength) return false
  if (end - point === 2) return true
  // no final zero, and not so small that it would get an exponent
  return bytes[end - 1] !== 0x30 && (bytes[first] !== 0x30 || bytes[point + 1] !== 0x30)
}

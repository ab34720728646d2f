import type { Node, Width } from './nodes.ts'
import { widthOf } from './nodes.ts'
import type { PatternReader } from './pattern-reader.ts'

/** The groups of a pattern so far. Source: Python 3.11, re/_parser.py (State). */
export class Groups {
  readonly #reader: PatternReader
  /** Widths by number, undefined while a group is open. */
  readonly #widths: (Width | undefined)[] = [undefined]
  readonly #names = new Map<string, number>()
  /** How many groups there were before the outermost look-behind that is open. */
  #beforeLookBehind: number | undefined

  constructor(reader: PatternReader) {
    this.#reader = reader
  }

  open(name: string | undefined): number {
    const number = this.#widths.length
    if (name !== undefined) {
      if (this.#names.has(name)) throw this.#reader.invalid(`redefinition of group name ${name}`)
      this.#names.set(name, number)
    }
    this.#widths.push(undefined)
    return number
  }

  close(number: number, body: Node): void {
    this.#widths[number] = widthOf(body)
  }

  isDefined(number: number): boolean {
    return number < this.#widths.length
  }

  numberOf(name: string): number {
    const number = this.#names.get(name)
    if (number === undefined) throw this.#reader.invalid(`unknown group name ${name}`)
    return number
  }

  /** What refers to a group. */
  reference(number: number, ignoresCase: boolean): Node {
    const width = this.#widths[number]
    if (!this.isDefined(number)) throw this.#reader.invalid(`invalid group reference ${String(number)}`)
    if (width === undefined) throw this.#reader.invalid('cannot refer to an open group')
    if (number >= (this.#beforeLookBehind ?? Infinity))
      throw this.#reader.invalid('cannot refer to group defined in the same lookbehind subpattern')
    return { kind: 'reference', number, width, ignoresCase }
  }

  /** Reads what a look-behind looks for. */
  lookBehind(body: () => Node): Node {
    const outer = this.#beforeLookBehind
    this.#beforeLookBehind = outer ?? this.#widths.length
    const node = body()
    this.#beforeLookBehind = outer
    const [least, most] = widthOf(node)
    if (least !== most) throw this.#reader.invalid('look-behind requires fixed-width pattern')
    return node
  }
}

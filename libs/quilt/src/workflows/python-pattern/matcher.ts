import { widthOf, type Node } from './nodes.ts'
import { toExpression } from './to-expression.ts'

/** How often a match goes on before it looks at the clock. */
const stepsBetweenLooks = 1024

/** Goes on from where something ended; whether the rest was found. */
type Next = (end: number) => boolean

/** Looks for something at a place of a text. */
type Search = (at: number, next: Next) => boolean

/**
 * Finds patterns that refer to groups, as Python does and JavaScript does not: a reference to a group that has matched
 * nothing is not found, and a group keeps what it matched when what it stands in is repeated. Source: Python 3.11,
 * Modules/_sre/sre_lib.h.
 */
export class Matcher {
  readonly #search: Search
  #groups: (readonly [start: number, end: number] | undefined)[] = []
  #text = ''
  #steps = 0
  #deadline = 0

  constructor(node: Node) {
    this.#search = this.#made(node)
  }

  /** Whether it is found anywhere. Throws when it has looked for longer than a number of milliseconds. */
  test(text: string, timeLimit: number): boolean {
    this.#text = text
    this.#deadline = performance.now() + timeLimit
    let at = 0
    do {
      this.#groups = []
      if (this.#search(at, () => true)) return true
      at = this.#after(at)
    } while (at <= text.length)
    return false
  }

  /** Where the next character is. */
  #after(at: number): number {
    return at + ((this.#text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
  }

  #made(node: Node): Search {
    switch (node.kind) {
      case 'leaf':
        return this.#leaf(node)
      case 'sequence':
        return node.parts
          .map((part) => this.#made(part))
          .reduceRight<Search>(
            (rest, part) => (at, next) => part(at, (end) => rest(end, next)),
            (at, next) => next(at)
          )
      case 'either': {
        const options = node.options.map((option) => this.#made(option))
        return (at, next) => options.some((option) => option(at, next))
      }
      case 'plain':
        return this.#made(node.body)
      case 'group':
        return this.#group(node.number, this.#made(node.body))
      case 'repeat':
        return this.#repeat(node, this.#made(node.body))
      case 'look':
        return this.#look(node, this.#made(node.body))
      case 'reference':
        return this.#reference(node.number, node.ignoresCase)
    }
  }

  #leaf(node: Node): Search {
    const { source, flags } = toExpression(node)
    const expression = new RegExp(source, `${flags}y`)
    return (at, next) => {
      if (++this.#steps % stepsBetweenLooks === 0 && performance.now() > this.#deadline)
        throw new Error('the time is over')
      expression.lastIndex = at
      return expression.test(this.#text) && next(expression.lastIndex)
    }
  }

  #group(number: number, body: Search): Search {
    return (at, next) =>
      body(at, (end) => {
        const before = this.#groups[number]
        this.#groups[number] = [at, end]
        if (next(end)) return true
        this.#groups[number] = before
        return false
      })
  }

  #repeat(
    { least, most, isLazy }: { readonly least: number; readonly most: number; readonly isLazy: boolean },
    body: Search
  ): Search {
    const from = (count: number, at: number, next: Next): boolean => {
      const more = (): boolean =>
        count < most && body(at, (end) => (end > at || count < least) && from(count + 1, end, next))
      if (count < least) return more()
      return isLazy ? next(at) || more() : more() || next(at)
    }
    return (at, next) => from(0, at, next)
  }

  #look(node: Extract<Node, { kind: 'look' }>, body: Search): Search {
    const [width] = widthOf(node.body)
    return (at, next) => {
      const before = [...this.#groups]
      const start = node.isBehind ? this.#before(at, width) : at
      const isFound = start !== undefined && body(start, (end) => !node.isBehind || end === at)
      if (node.isNegative) this.#groups = before
      if (isFound !== node.isNegative && next(at)) return true
      this.#groups = before
      return false
    }
  }

  /** Where a number of characters before a place begin. */
  #before(at: number, count: number): number | undefined {
    let start = at
    for (let left = count; left > 0; left--) {
      if (start === 0) return undefined
      const isPair = start > 1 && (this.#text.codePointAt(start - 2) ?? 0) > 0xffff
      start -= isPair ? 2 : 1
    }
    return start
  }

  #reference(number: number, ignoresCase: boolean): Search {
    return (at, next) => {
      const group = this.#groups[number]
      if (group === undefined) return false
      const wanted = this.#text.slice(...group)
      const found = this.#text.slice(at, at + wanted.length)
      const isSame = ignoresCase ? lowered(found) === lowered(wanted) : found === wanted
      return isSame && next(at + wanted.length)
    }
  }
}

/** A text in lower case, each character for itself. */
function lowered(text: string): string {
  return Array.from(text, (each) => (each === '\u0130' ? 'i' : each === 'Σ' ? 'σ' : each.toLowerCase())).join(
    ''
  )
}

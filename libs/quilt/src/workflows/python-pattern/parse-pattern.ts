import { assertionSource, escapedCode, leaf, literalNode, octalCode, setSource } from './characters.ts'
import { changed, readFlags, type Flags } from './flags.ts'
import { Groups } from './groups.ts'
import type { Node } from './nodes.ts'
import { PatternReader } from './pattern-reader.ts'
import { readSet } from './read-set.ts'

/** A count that Python has no room for. */
const maxRepeat = 4_294_967_295

const nothing: Node = { kind: 'sequence', parts: [] }

/**
 * Parses a pattern of Python's `re`. Source: Python 3.11, re/_parser.py. Throws `workflow-config-invalid` for what
 * Python refuses, and for conditional and atomic groups, possessive quantifiers, verbose mode and names of characters.
 */
export function parsePattern(pattern: string): Node {
  return new Parser(pattern).all()
}

class Parser {
  readonly #reader: PatternReader
  readonly #groups: Groups
  #flags: Flags = new Set()

  constructor(pattern: string) {
    this.#reader = new PatternReader(pattern)
    this.#groups = new Groups(this.#reader)
  }

  all(): Node {
    this.#globalFlags()
    const node = this.#options()
    if (this.#reader.next !== undefined) throw this.#reader.invalid('unbalanced parenthesis')
    return node
  }

  /** `(?im)` and the like, which may stand at the start only, and comments before them. */
  #globalFlags(): void {
    for (let start = this.#reader.at; ; start = this.#reader.at) {
      const isExtension = this.#reader.accept('(') && this.#reader.accept('?')
      if (isExtension && this.#reader.accept('#')) this.#reader.until(')')
      else {
        const isFlag = isExtension && /[a-zA-Z]/.test(this.#reader.next ?? '') && this.#reader.next !== 'P'
        const change = isFlag ? readFlags(this.#reader) : undefined
        if (change?.isGlobal !== true) {
          this.#reader.seek(start)
          return
        }
        this.#flags = new Set([...this.#flags, ...change.added])
        if (this.#flags.has('a') && this.#flags.has('u')) throw this.#reader.invalid('bad inline flags')
      }
    }
  }

  #options(): Node {
    const options = [this.#sequence()]
    while (this.#reader.accept('|')) options.push(this.#sequence())
    const [only = nothing, ...others] = options
    return others.length === 0 ? only : { kind: 'either', options }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (let next = this.#reader.next; next !== undefined && !'|)'.includes(next); next = this.#reader.next) {
      const character = this.#reader.take()
      const range = '*+?{'.includes(character) ? this.#range(character) : undefined
      if (range === undefined) parts.push(...this.#part(character))
      else parts.push(this.#repeat(range, parts.pop()))
    }
    const [only = nothing, ...others] = parts
    return others.length === 0 ? only : { kind: 'sequence', parts }
  }

  /** Least and most of a quantifier; undefined for a brace that means itself. */
  #range(character: string): readonly [number, number] | undefined {
    if (character !== '{') return [character === '+' ? 1 : 0, character === '?' ? 1 : Infinity]
    const start = this.#reader.at
    if (this.#reader.next === '}') return undefined
    const low = this.#reader.while(/[0-9]/)
    const high = this.#reader.accept(',') ? this.#reader.while(/[0-9]/) : low
    if (!this.#reader.accept('}')) {
      this.#reader.seek(start)
      return undefined
    }
    const [least, most] = [low === '' ? 0 : Number(low), high === '' ? Infinity : Number(high)]
    if (least >= maxRepeat || (high !== '' && most >= maxRepeat))
      throw this.#reader.invalid('the repetition number is too large')
    if (most < least) throw this.#reader.invalid('min repeat greater than max repeat')
    return [least, most]
  }

  #repeat([least, most]: readonly [number, number], body: Node | undefined): Node {
    if (body === undefined || (body.kind === 'leaf' && body.width === 0))
      throw this.#reader.invalid('nothing to repeat')
    if (body.kind === 'repeat') throw this.#reader.invalid('multiple repeat')
    const isLazy = this.#reader.accept('?')
    if (!isLazy && this.#reader.next === '+') throw this.#reader.unsupported('a possessive quantifier')
    return { kind: 'repeat', least, most, isLazy, body }
  }

  /** What a character begins that is no quantifier; nothing for a comment. */
  #part(character: string): readonly Node[] {
    const isMultiline = this.#flags.has('m')
    switch (character) {
      case '\\':
        return [this.#escape()]
      case '[':
        return [readSet(this.#reader, this.#flags)]
      case '(':
        return this.#reader.accept('?') ? this.#extension() : [this.#group(undefined)]
      case '.':
        return [leaf(this.#flags.has('s') ? '[\\s\\S]' : '[^\\n]', 1)]
      case '^':
        return [leaf(isMultiline ? '(?<![^\\n])' : '^', 0)]
      case '$':
        return [leaf(isMultiline ? '(?![^\\n])' : '(?=\\n?$)', 0)]
      default:
        return [literalNode(character.codePointAt(0) ?? 0, this.#flags)]
    }
  }

  #escape(): Node {
    const letter = this.#reader.take()
    const assertion = assertionSource(letter, this.#flags)
    if (assertion !== undefined) return leaf(assertion, 0)
    const set = setSource(letter, this.#flags)
    if (set !== undefined) return leaf(set, 1)
    if (!/[0-9]/.test(letter)) return literalNode(escapedCode(this.#reader, letter), this.#flags)
    if (letter === '0')
      return literalNode(octalCode(this.#reader, `0${this.#reader.while(/[0-7]/, 2)}`), this.#flags)
    const digits = letter + this.#reader.while(/[0-9]/, 1)
    const third = /^[0-7]{2}$/.test(digits) ? this.#reader.while(/[0-7]/, 1) : ''
    if (third !== '') return literalNode(octalCode(this.#reader, digits + third), this.#flags)
    return this.#groups.reference(Number(digits), this.#flags.has('i'))
  }

  #group(name: string | undefined): Node {
    const number = this.#groups.open(name)
    const body = this.#body()
    this.#groups.close(number, body)
    return { kind: 'group', number, body }
  }

  /** What stands between parentheses. */
  #body(): Node {
    const body = this.#options()
    if (!this.#reader.accept(')')) throw this.#reader.invalid('missing ), unterminated subpattern')
    return body
  }

  /** What begins with `(?`. */
  #extension(): readonly Node[] {
    const character = this.#reader.next
    if (character === '(') throw this.#reader.unsupported('a conditional group')
    if (character === '>') throw this.#reader.unsupported('an atomic group')
    if (/[a-zA-OQ-Z-]/.test(character ?? '')) return [this.#scoped()]
    this.#reader.take()
    switch (character) {
      case ':':
        return [{ kind: 'plain', body: this.#body() }]
      case '#':
        this.#reader.until(')')
        return []
      case 'P':
        return [this.#named()]
      case '=':
      case '!':
        return [{ kind: 'look', isBehind: false, isNegative: character === '!', body: this.#body() }]
      case '<':
        return [this.#lookBehind()]
      default:
        throw this.#reader.invalid('unknown extension')
    }
  }

  #lookBehind(): Node {
    const isNegative = this.#reader.accept('!')
    if (!isNegative && !this.#reader.accept('=')) throw this.#reader.invalid('unknown extension')
    const body = this.#groups.lookBehind(() => this.#body())
    return { kind: 'look', isBehind: true, isNegative, body }
  }

  #named(): Node {
    const isGroup = this.#reader.accept('<')
    if (!isGroup && !this.#reader.accept('=')) throw this.#reader.invalid('unknown extension')
    const name = this.#reader.until(isGroup ? '>' : ')')
    if (!/^[\p{XIDS}_]\p{XIDC}*$/u.test(name)) throw this.#reader.invalid('bad character in group name')
    if (isGroup) return this.#group(name)
    return this.#groups.reference(this.#groups.numberOf(name), this.#flags.has('i'))
  }

  /** `(?i-m:…)` and the like. */
  #scoped(): Node {
    const outer = this.#flags
    const change = readFlags(this.#reader)
    if (change.isGlobal) throw this.#reader.invalid('global flags not at the start of the expression')
    this.#flags = changed(outer, change)
    const body = this.#body()
    this.#flags = outer
    return { kind: 'plain', body }
  }
}

import { createContext, Script } from 'node:vm'

import { QuiltError } from '../error.ts'
import { pythonRepr } from './python-repr.ts'

/** How long one search may take, in milliseconds: patterns come from the registry, and some never end. */
const timeLimit = 1000

/** A pattern of Python's `re` module, for `re.search` in text. */
export interface PythonPattern {
  /** Whether the pattern is found anywhere. Throws `workflow-failed` if that cannot be told in a second. */
  search(text: string): boolean
}

/**
 * Compiles a pattern of Python's `re` (https://docs.python.org/3/library/re.html) as a JavaScript one that finds the
 * same. Throws `workflow-config-invalid` for one that is not valid, and for the few things JavaScript has no equal for:
 * conditional groups, atomic groups, possessive quantifiers, verbose mode.
 */
export function compilePattern(pattern: string): PythonPattern {
  const expression = new RegExp(...translated(pattern))
  const context = createContext({ expression, text: '' })
  const script = new Script('expression.test(text)')
  return {
    search(text) {
      context.text = text
      try {
        return script.runInContext(context, { timeout: timeLimit }) === true
      } catch (error) {
        throw new QuiltError(
          'workflow-failed',
          `pattern ${pythonRepr(pattern)} takes too long to search for`,
          {
            remedy: 'Simplify the pattern, or shorten the text.',
            cause: error
          }
        )
      }
    }
  }
}

/** Source and flags. */
function translated(pattern: string): [string, string] {
  try {
    const { flags, source } = new Translator(pattern).all()
    // Compiled here, so that what JavaScript refuses is reported like the rest.
    return [new RegExp(source, flags).source, flags]
  } catch (error) {
    if (error instanceof QuiltError) throw error
    throw invalid(pattern, error instanceof Error ? error.message : String(error), error)
  }
}

function invalid(pattern: string, reason: string, cause?: unknown): QuiltError {
  return new QuiltError(
    'workflow-config-invalid',
    `${pythonRepr(pattern)} is not a valid pattern: ${reason}`,
    { cause }
  )
}

const word = '\\p{L}\\p{N}_'
const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const sets: Readonly<Record<string, string>> = {
  d: '[\\p{Nd}]',
  D: '[^\\p{Nd}]',
  w: `[${word}]`,
  W: `[^${word}]`,
  s: `[${space}]`,
  S: `[^${space}]`
}
const boundary = `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`
const assertions: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  Z: '(?![\\s\\S])',
  b: boundary,
  B: `(?!${boundary})`
}
const controls: Readonly<Record<string, string>> = {
  a: '\\x07',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  v: '\\v'
}

class Translator {
  readonly #pattern: string
  #at = 0
  #out = ''
  #flags = new Set<string>()

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  all(): { readonly source: string; readonly flags: string } {
    this.#globalFlags()
    while (this.#at < this.#pattern.length) this.#out += this.#next()
    return { source: this.#out, flags: `v${this.#flags.has('i') ? 'i' : ''}` }
  }

  /** `(?im)` and the like, which Python allows at the start only. */
  #globalFlags(): void {
    const [text, letters = ''] = /^\(\?([a-zA-Z]+)\)/.exec(this.#pattern) ?? ['']
    if (/[^imsu]/.test(letters)) throw this.#unsupported(`(?${letters})`)
    this.#flags = new Set(letters)
    this.#at = text.length
  }

  #next(): string {
    const character = this.#take()
    switch (character) {
      case '\\':
        return this.#escape()
      case '[':
        return this.#set()
      case '(':
        return this.#group()
      case '.':
        return this.#flags.has('s') ? '[\\s\\S]' : '[^\\n]'
      case '^':
        return this.#flags.has('m') ? '(?<![^\\n])' : '(?<![\\s\\S])'
      case '$':
        return this.#flags.has('m') ? '(?![^\\n])' : '(?=\\n?(?![\\s\\S]))'
      case '*':
      case '+':
      case '?':
        return this.#quantified(character)
      case '{':
        return this.#repeat()
      case '|':
      case ')':
        return character
      default:
        return literal(character)
    }
  }

  /** One code point. */
  #take(): string {
    const code = this.#pattern.codePointAt(this.#at)
    if (code === undefined) throw this.#invalid('it ends too early')
    const character = String.fromCodePoint(code)
    this.#at += character.length
    return character
  }

  #quantified(quantifier: string): string {
    if (this.#pattern[this.#at] === '+') throw this.#unsupported('possessive quantifiers')
    return quantifier
  }

  #repeat(): string {
    const [text, least, comma, most] = /^(\d*)(,?)(\d*)\}/.exec(this.#pattern.slice(this.#at)) ?? []
    if (text === undefined || (least === '' && most === '')) return '\\{'
    this.#at += text.length
    return this.#quantified(`{${least === '' ? '0' : String(least)}${String(comma)}${String(most)}}`)
  }

  #group(): string {
    const rest = this.#pattern.slice(this.#at)
    const [comment] = /^\?#[^)]*\)/.exec(rest) ?? []
    if (comment !== undefined) return this.#skip(comment, '')
    const [named, name] = /^\?P<(\w+)>/.exec(rest) ?? []
    if (named !== undefined) return this.#skip(named, `(?<${String(name)}>`)
    const [back, reference] = /^\?P=(\w+)\)/.exec(rest) ?? []
    if (back !== undefined) return this.#skip(back, `\\k<${String(reference)}>`)
    const [plain] = /^\?(?:[:=!]|<[=!])/.exec(rest) ?? []
    if (plain !== undefined) return this.#skip(plain, `(${plain}`)
    const [scoped] = /^\?-?i:/.exec(rest) ?? []
    if (scoped !== undefined) return this.#skip(scoped, `(${scoped}`)
    if (rest.startsWith('?')) throw this.#unsupported(`(${rest.slice(0, 3)}`)
    return '('
  }

  #skip(text: string, out: string): string {
    this.#at += text.length
    return out
  }

  /** After a backslash, outside of a set. */
  #escape(): string {
    const character = this.#take()
    if (assertions[character] !== undefined) return assertions[character]
    if (/[1-9]/.test(character)) {
      const [digits = ''] = /^\d?/.exec(this.#pattern.slice(this.#at)) ?? []
      return this.#skip(digits, `(?:\\${character}${digits})`)
    }
    return sets[character] ?? this.#character(character)
  }

  /** A character that was written with a backslash before it. */
  #character(character: string): string {
    if (controls[character] !== undefined) return controls[character]
    const digits = { x: 2, u: 4, U: 8 }[character]
    if (digits !== undefined) {
      const [hex] = new RegExp(`^[0-9a-fA-F]{${String(digits)}}`).exec(this.#pattern.slice(this.#at)) ?? []
      if (hex === undefined) throw this.#invalid(`incomplete escape \\${character}`)
      return this.#skip(hex, `\\u{${hex}}`)
    }
    if (character === '0') {
      const [octal = ''] = /^[0-7]{0,2}/.exec(this.#pattern.slice(this.#at)) ?? []
      return this.#skip(octal, `\\u{${Number.parseInt(`0${octal}`, 8).toString(16)}}`)
    }
    if (/[a-zA-Z0-9]/.test(character)) throw this.#invalid(`bad escape \\${character}`)
    return literal(character)
  }

  #set(): string {
    let out = '['
    if (this.#pattern[this.#at] === '^') out += this.#skip('^', '^')
    for (let first = true; ; first = false) {
      const character = this.#take()
      if (character === ']' && !first) return `${out}]`
      const start = this.#member(character)
      if (this.#pattern[this.#at] !== '-' || this.#pattern[this.#at + 1] === ']') {
        out += start
        continue
      }
      this.#at++
      const end = this.#member(this.#take())
      if (start.startsWith('[') || end.startsWith('[')) throw this.#invalid('bad character range')
      out += `${start}-${end}`
    }
  }

  /** A character of a set, or a set in it such as `\d`. */
  #member(character: string): string {
    if (character !== '\\') return literal(character)
    const escaped = this.#take()
    if (escaped === 'b') return '\\x08'
    return sets[escaped] ?? this.#character(escaped)
  }

  #invalid(reason: string): QuiltError {
    return invalid(this.#pattern, reason)
  }

  #unsupported(what: string): QuiltError {
    return this.#invalid(`${what} is not supported`)
  }
}

/** A character that means itself, also in a set. */
function literal(character: string): string {
  if (/[A-Za-z0-9_\u0080-\u{10ffff}]/u.test(character)) return character
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

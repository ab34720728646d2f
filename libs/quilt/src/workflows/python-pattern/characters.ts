import type { Flags } from './flags.ts'
import type { Leaf, Node } from './nodes.ts'
import type { PatternReader } from './pattern-reader.ts'

const word = '\\p{L}\\p{N}_'
const asciiWord = 'A-Za-z0-9_'
const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'

/** Sets of characters by letter, as Python has them for texts. */
const sets: Readonly<Record<string, string>> = { d: '\\p{Nd}', w: word, s: space }
const asciiSets: Readonly<Record<string, string>> = { d: '0-9', w: asciiWord, s: '\\t-\\r\\x20' }

/** Letters that Python takes for the same in `(?i)` and JavaScript does not. */
const letterI = ['i', 'I', '\u0130', '\u0131']

/** The set `\d`, `\W` and the like, undefined for another letter. */
export function setSource(letter: string, flags: Flags): string | undefined {
  const inner = (flags.has('a') ? asciiSets : sets)[letter.toLowerCase()]
  if (inner === undefined) return undefined
  return letter === letter.toLowerCase() ? `[${inner}]` : `[^${inner}]`
}

/** `\A`, `\b` and the like, undefined for another letter. */
export function assertionSource(letter: string, flags: Flags): string | undefined {
  const inner = flags.has('a') ? asciiWord : word
  const boundary = `(?:(?<=[${inner}])(?![${inner}])|(?<![${inner}])(?=[${inner}]))`
  if (letter === 'A') return '^'
  if (letter === 'Z') return '$'
  if (letter === 'b') return boundary
  // Where there is no character at all, Python has neither.
  return letter === 'B' ? `(?!${boundary})(?:(?<=[\\s\\S])|(?=[\\s\\S]))` : undefined
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

/**
 * The code of a character that was written with a backslash before it. Source: Python 3.11, re/_parser.py (_escape,
 * _class_escape).
 */
export function escapedCode(reader: PatternReader, letter: string): number {
  const control = controls[letter]
  if (control !== undefined) return control
  const digits = { x: 2, u: 4, U: 8 }[letter]
  if (digits !== undefined) {
    const hex = reader.while(/[0-9a-fA-F]/, digits)
    const code = Number.parseInt(hex, 16)
    if (hex.length < digits || code > 0x10ffff) throw reader.invalid(`bad escape \\${letter}`)
    return code
  }
  if (letter === 'N') throw reader.unsupported('\\N')
  if (/[a-zA-Z0-9]/.test(letter)) throw reader.invalid(`bad escape \\${letter}`)
  return letter.codePointAt(0) ?? 0
}

/** A code that is written with octal digits. */
export function octalCode(reader: PatternReader, digits: string): number {
  const code = Number.parseInt(digits, 8)
  if (code > 0o377) throw reader.invalid(`octal escape value \\${digits} is too large`)
  return code
}

/** A character by its code, in a set or outside. */
export function literal(code: number): string {
  const character = String.fromCodePoint(code)
  return /[A-Za-z0-9_]/.test(character) ? character : `\\u{${code.toString(16)}}`
}

/** One character. */
export function literalNode(code: number, flags: Flags): Node {
  const source = literal(code)
  const character = String.fromCodePoint(code)
  if (character.toLowerCase() === character.toUpperCase()) return leaf(source, 1)
  return flags.has('i') ? setNode(source, false, flags) : { ...leaf(source, 1), ignoresCase: false }
}

/** What is found in the same way whatever case letters have. */
export function leaf(source: string, width: 0 | 1): Leaf {
  return { kind: 'leaf', source, width, ignoresCase: undefined }
}

/** One character of those between brackets, `source` being what stands in them. */
export function setNode(source: string, isNegative: boolean, flags: Flags): Node {
  const inner = flags.has('i') ? withOtherCase(source, flags) : source
  return {
    kind: 'leaf',
    source: `[${isNegative ? '^' : ''}${inner}]`,
    width: 1,
    ignoresCase: flags.has('i') && !flags.has('a')
  }
}

function withOtherCase(source: string, flags: Flags): string {
  const set = new RegExp(`[${source}]`, 'v')
  if (flags.has('a')) {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz')
    const cased = letters.filter((each) => set.test(each) || set.test(each.toUpperCase()))
    return `${source}${cased.map((each) => each + each.toUpperCase()).join('')}`
  }
  return letterI.some((each) => set.test(each)) ? `${source}${letterI.join('')}` : source
}

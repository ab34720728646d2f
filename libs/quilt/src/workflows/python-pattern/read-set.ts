import { escapedCode, literal, octalCode, setNode, setSource } from './characters.ts'
import type { Flags } from './flags.ts'
import type { Node } from './nodes.ts'
import type { PatternReader } from './pattern-reader.ts'

/** Reads what follows a bracket. Source: Python 3.11, re/_parser.py (_parse, _class_escape). */
export function readSet(reader: PatternReader, flags: Flags): Node {
  const isNegative = reader.accept('^')
  let inner = ''
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst && reader.accept(']')) return setNode(inner, isNegative, flags)
    const from = readMember(reader, flags)
    if (!reader.accept('-')) inner += sourceOf(from)
    else if (reader.accept(']')) return setNode(inner + sourceOf(from) + literal(0x2d), isNegative, flags)
    else inner += range(reader, from, readMember(reader, flags))
  }
}

/** The code of a character, or the source of a set such as `\d`. */
type Member = number | string

function readMember(reader: PatternReader, flags: Flags): Member {
  const character = reader.take()
  if (character !== '\\') return character.codePointAt(0) ?? 0
  const letter = reader.take()
  if (letter === 'b') return 8
  if (/[0-7]/.test(letter)) return octalCode(reader, letter + reader.while(/[0-7]/, 2))
  return setSource(letter, flags) ?? escapedCode(reader, letter)
}

function sourceOf(member: Member): string {
  return typeof member === 'string' ? member : literal(member)
}

function range(reader: PatternReader, from: Member, to: Member): string {
  if (typeof from === 'string' || typeof to === 'string' || to < from)
    throw reader.invalid('bad character range')
  return `${literal(from)}-${literal(to)}`
}

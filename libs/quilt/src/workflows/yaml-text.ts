import { Lexer } from 'yaml'

/** What PyYAML 6.0.3 refuses anywhere (reader.py). */
const unprintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** An end of a document before any has begun, which PyYAML refuses (parser.py). */
const endOfNothing = /^(?: *(?:#.*)?\n)*\.\.\.(?:\s|$)/

/** A YAML text with one kind of line breaks; undefined where it has a character that PyYAML refuses. */
export function readableText(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString()
  if (unprintable.test(text)) return undefined
  const lines = text.replace(/\r\n?|\x85/g, '\n')
  if (endOfNothing.test(lines) || (lines.includes('\t') && hasBareTab(lines))) return undefined
  return lines
}

/** Whether a tab stands between the parts of the text, where YAML allows it and PyYAML (scanner.py) does not. */
function hasBareTab(text: string): boolean {
  let isBlock = false
  let isScalar = false
  for (const token of new Lexer().lex(text)) {
    const mayHave = isScalar ? isBlock : /^["'#]/.test(token)
    if (token.includes('\t') && !mayHave) return true
    // A block scalar comes after its header; every scalar without quotes comes after a mark.
    if (isScalar) isBlock = false
    else if (/^[|>]/.test(token)) isBlock = true
    isScalar = token === '\x1f'
  }
  return false
}

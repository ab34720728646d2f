// Percent-encoding as Python's urllib.parse does it: quote, quote_plus, unquote. encodeURIComponent and its kind differ.

const unescaped = /[^A-Za-z0-9_.~/-]/gu
const unescapedInQuery = /[^A-Za-z0-9_.~-]/gu

/** Python's `quote(text)`: everything but letters, digits and `_.-~/` as `%XX` of its UTF-8 bytes. The text is well-formed. */
export function quote(text: string): string {
  return text.replace(unescaped, percent)
}

/** Python's `quote_plus(text)`: like quote, with `/` escaped too and a space as `+`. The text is well-formed. */
export function quotePlus(text: string): string {
  return text.replace(unescapedInQuery, (character) => (character === ' ' ? '+' : percent(character)))
}

function percent(character: string): string {
  return Array.from(
    Buffer.from(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  ).join('')
}

/** Python's `unquote(text)`: `%XX` decoded as UTF-8, invalid bytes as U+FFFD, a `%` without two digits as it is, `+` too. */
export function unquote(text: string): string {
  if (!text.includes('%')) return text
  // Python decodes each run of ASCII on its own: bytes never combine across a raw non-ASCII character
  return text.replace(/[\x00-\x7f]+/g, (run) => {
    const bytes = run.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16))
    )
    return bytes === run ? run : Buffer.from(bytes, 'latin1').toString('utf8')
  })
}

/** Python's `parse_qsl(query)`: pairs of name and value in order; pairs without a value are left out. */
export function parseQuery(query: string): readonly (readonly [string, string])[] {
  return query.split('&').flatMap((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 0 || equals === pair.length - 1) return []
    const decode = (text: string): string => unquote(text.replaceAll('+', ' '))
    return [[decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))] as const]
  })
}

/** Control characters, format characters such as marks of direction and tags, halves of pairs, private use, separators. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

/** Text from data, for a line that a person or a model reads: control and invisible characters shown as \u{…}, at most 200 characters. */
export function visible(text: string): string {
  const shown = text.replace(invisible, escape)
  return shown.length > 200 ? `${shown.slice(0, 199)}…` : shown
}

/** A text of several lines from data: the same characters shown, but for line breaks and tabs, which stay. Whole. */
export function visibleText(text: string): string {
  return text.replace(invisible, (character) => (/[\n\r\t]/.test(character) ? character : escape(character)))
}

/** Characters of a reason: it may name what the client sent. */
const maxReason = 1000

/** Why something failed, for a client: as visibleText shows it, cut to 1000 characters. */
export function visibleReason(text: string): string {
  return visibleText(text.slice(0, maxReason)).slice(0, maxReason)
}

/** Every string of a JSON value, names of members too, as visibleText shows it. */
export function visibleJson(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value)
  if (Array.isArray(value)) return value.map(visibleJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [visibleText(name), visibleJson(member)])
  )
}

/** The member of a result that shows a key with invisible characters as it is; nothing for other keys. */
export function shownKey(key: string): { shown?: string } {
  const shown = key.replace(invisible, escape)
  return shown === key ? {} : { shown }
}

function escape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}

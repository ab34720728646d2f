/** Text from data, for a line that a person or a model reads: control and invisible characters shown as \u{…}, at most 200 characters. */
export function visible(text: string): string {
  const shown = text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  )
  return shown.length > 200 ? `${shown.slice(0, 199)}…` : shown
}

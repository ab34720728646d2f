/** Text that is HTML already. Made by `html` alone. */
export class Html {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

type Part = Html | string | number | undefined | readonly Part[]

/** HTML from a template: what is put in is escaped, unless it is HTML itself; lists are joined, undefined is nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.reduce((all, text, index) => `${all}${escapePart(parts[index - 1])}${text}`))
}

function escapePart(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.toString()
  if (typeof part === 'string' || typeof part === 'number')
    return String(part).replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`)
  return part.map(escapePart).join('')
}

import { QuiltError } from '../../error.ts'
import { pythonRepr } from '../python-repr.ts'

/** Reads a pattern by its characters, and by what Python takes as one: a backslash with what follows. */
export class PatternReader {
  readonly #pattern: string
  readonly #characters: readonly string[]
  #at = 0

  constructor(pattern: string) {
    this.#pattern = pattern
    this.#characters = Array.from(pattern)
  }

  get at(): number {
    return this.#at
  }

  /** The next character, undefined at the end. */
  get next(): string | undefined {
    return this.#characters[this.#at]
  }

  seek(at: number): void {
    this.#at = at
  }

  take(): string {
    const character = this.next
    if (character === undefined) throw this.invalid('it ends too early')
    this.#at++
    return character
  }

  accept(character: string): boolean {
    if (this.next !== character) return false
    this.#at++
    return true
  }

  /** As many characters of a kind as follow, up to a number. */
  while(kind: RegExp, most = Infinity): string {
    let text = ''
    for (; most > 0 && this.next !== undefined && kind.test(this.next); most--) text += this.take()
    return text
  }

  /** The text before a character, which is read too. */
  until(end: string): string {
    let text = ''
    while (!this.accept(end)) text += this.take()
    return text
  }

  invalid(reason: string): QuiltError {
    return new QuiltError(
      'workflow-config-invalid',
      `${pythonRepr(this.#pattern)} is not a valid pattern: ${reason}`
    )
  }

  unsupported(what: string): QuiltError {
    return this.invalid(`${what} is not supported`)
  }
}

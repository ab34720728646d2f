/** Characters after which lines are passed on: what one write takes. */
const batchCharacters = 16_000

/**
 * Lines kept until there are enough of them for one write. The stream behind it measures all it holds at every line it
 * is given, which costs more than making the line; from here it gets them a batch at a time. Holds one batch at most.
 */
export class LineBatch {
  #lines: string[] = []
  #characters = 0
  readonly #pass: (text: string) => void

  constructor(pass: (text: string) => void) {
    this.#pass = pass
  }

  write(line: string): void {
    this.#lines.push(line)
    this.#characters += line.length
    if (this.#characters >= batchCharacters) this.flush()
  }

  /** Passes on what there is. */
  flush(): void {
    if (this.#lines.length === 0) return
    const text = this.#lines.join('')
    this.#lines = []
    this.#characters = 0
    this.#pass(text)
  }
}

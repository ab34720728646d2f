import { compilePattern, type PythonPattern } from './python-pattern.ts'

/** Patterns that were compiled already. */
export class PatternCache {
  readonly #patterns = new Map<string, PythonPattern>()

  get(pattern: string): PythonPattern {
    const known = this.#patterns.get(pattern)
    if (known !== undefined) return known
    const compiled = compilePattern(pattern)
    this.#patterns.set(pattern, compiled)
    return compiled
  }
}

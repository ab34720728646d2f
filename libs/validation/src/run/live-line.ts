import { formatDuration, type Terminal } from './console.ts'

/** What goes on, and since when, by `performance.now()`. */
export interface Work {
  readonly what: string
  readonly since: number
}

export interface LiveLine {
  /** Writes text above the line. */
  readonly write: (text: string) => void
  /** Takes the line away. */
  readonly end: () => void
}

const everyMs = 1000

// Source: ECMA-48, EL 0: clears the rest of the line.
const clearLine = '\r\u001B[K'

/**
 * A last line on a terminal that says what goes on and for how long, once it has taken a second. In a pipe there is
 * nothing but the text.
 */
export function liveLine(terminal: Terminal, work: () => Work | undefined): LiveLine {
  if (terminal.isTTY !== true) return { write: (text) => void terminal.write(text), end: () => undefined }
  let shown = false
  const clear = (): void => {
    if (shown) terminal.write(clearLine)
    shown = false
  }
  const timer = setInterval(() => {
    clear()
    const now = work()
    if (now === undefined) return
    const ms = performance.now() - now.since
    if (ms < everyMs) return
    terminal.write(`  … ${now.what === '' ? '' : `${now.what}, `}${formatDuration(ms)}`)
    shown = true
  }, everyMs).unref()
  return {
    write: (text) => {
      clear()
      terminal.write(text)
    },
    end: () => {
      clearInterval(timer)
      clear()
    }
  }
}

/** Does one piece of work, under a live line that names it; what the work writes stands above. */
export async function during<T>(
  terminal: Terminal,
  what: string,
  work: (write: (text: string) => void) => Promise<T>
): Promise<T> {
  const since = performance.now()
  const { write, end } = liveLine(terminal, () => ({ what, since }))
  try {
    return await work(write)
  } finally {
    end()
  }
}

export interface Progress {
  /** Prints a line: what was done, or what is done now. */
  readonly report: (line: string) => void
  /** Ends the work that the last line is about. */
  readonly end: () => void
}

/** Prints lines of progress, each of which is about what goes on until the next one. */
export function progress(terminal: Terminal): Progress {
  let since: number | undefined
  const { write, end } = liveLine(terminal, () => (since === undefined ? undefined : { what: '', since }))
  return {
    end,
    report: (line) => {
      write(`  ${line}\n`)
      since = performance.now()
    }
  }
}

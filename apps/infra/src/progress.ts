import { formatDuration, type Terminal } from '@fast-mcp/validation'

export interface Progress {
  /** Prints a line: what was done, or what is done now. */
  readonly report: (line: string) => void
  /** Ends the work that the last line is about. */
  readonly end: () => void
}

const everyMs = 1000

// Source: ECMA-48, EL 0: clears the rest of the line.
const clearLine = '\r\u001B[K'

/**
 * Prints lines of progress. On a terminal, what takes over a second shows below its line for how long it has gone on;
 * in a pipe there is nothing but the lines.
 */
export function progress(terminal: Terminal): Progress {
  const isTerminal = terminal.isTTY === true
  let timer: NodeJS.Timeout | undefined
  const end = (): void => {
    if (timer === undefined) return
    clearInterval(timer)
    timer = undefined
    terminal.write(clearLine)
  }
  return {
    end,
    report: (line) => {
      end()
      terminal.write(`  ${line}\n`)
      if (!isTerminal) return
      const started = performance.now()
      timer = setInterval(() => {
        terminal.write(`${clearLine}  … ${formatDuration(performance.now() - started)}`)
      }, everyMs).unref()
    }
  }
}

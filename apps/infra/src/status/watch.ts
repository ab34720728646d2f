import { setTimeout as sleep } from 'node:timers/promises'
import type { Terminal } from '@fast-mcp/validation'

export interface WatchOptions {
  /** One picture of how things stand; ends with a newline. */
  readonly draw: () => Promise<string>
  /** The picture where things cannot be seen now, by what `draw` threw; what it throws ends the watch. */
  readonly drawError: (error: unknown) => string
  readonly terminal: Terminal
  readonly everyMs: number
  readonly signal: AbortSignal
}

// Source: ECMA-48, CUP (to the first place), ED 0 (clear from here to the end), EL 0 (clear the rest of the line).
const home = '\u001B[H'
const clearBelow = '\u001B[J'
const clearLine = '\u001B[K'

/**
 * Draws again and again until the signal is aborted: on a terminal in place, elsewhere one picture below the other,
 * and only when it changed.
 */
export async function watch({ draw, drawError, terminal, everyMs, signal }: WatchOptions): Promise<void> {
  const isTerminal = terminal.isTTY === true
  if (isTerminal) terminal.write(`${home}${clearBelow}`)
  let last = ''
  while (!signal.aborted) {
    const picture = await draw().catch(drawError)
    if (isTerminal) terminal.write(`${home}${picture.replaceAll('\n', `${clearLine}\n`)}${clearBelow}`)
    else if (picture !== last) terminal.write(picture)
    last = picture
    await sleep(everyMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

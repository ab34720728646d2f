import pc from 'picocolors'
import type { CheckRow } from '../record/phase-record.ts'

export interface Terminal {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean | undefined
}

export type Colors = ReturnType<typeof pc.createColors>

/** Colours for a stream: only on a terminal, and not where NO_COLOR is set (https://no-color.org). */
export function colorsFor(
  terminal: Pick<Terminal, 'isTTY'>,
  environment: Readonly<Record<string, string | undefined>> = process.env
): Colors {
  return pc.createColors(terminal.isTTY === true && (environment['NO_COLOR'] ?? '') === '')
}

/** A check as one line; below it, where it failed, all of the evidence and what to do. Ends with a newline. */
export function formatRow(row: CheckRow, colors: Colors): string {
  const time = row.durationMs === 0 ? '' : colors.dim(` (${formatDuration(row.durationMs)})`)
  const line = (mark: string, rest: string): string => `  ${mark} ${row.id}  ${row.title}${rest}${time}\n`
  switch (row.status) {
    case 'passed':
      return line(colors.green('✓'), colors.dim(`: ${firstLine(row.evidence)}`))
    case 'not-applicable':
      return line(colors.dim('–'), colors.dim(`: ${firstLine(row.evidence)}`))
    case 'not-run':
      return line(colors.yellow('○'), colors.yellow(`: not run, ${firstLine(row.evidence)}`))
    case 'failed': {
      const evidence = row.evidence.trimEnd().replace(/^/gm, '      ')
      const remedy = row.remedy === undefined ? '' : `    ${colors.bold('what to do:')} ${row.remedy}\n`
      return `${line(colors.red('✗'), colors.red(': failed'))}${evidence}\n${remedy}`
    }
  }
}

/** `840 ms`, `2.4 s`, `3 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${String(Math.floor(seconds / 60))} min ${String(Math.floor(seconds % 60))} s`
}

function firstLine(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n')
  const line = first.length > 160 ? `${first.slice(0, 159)}…` : first
  return rest.length > 0 && !line.endsWith('…') ? `${line} …` : line
}

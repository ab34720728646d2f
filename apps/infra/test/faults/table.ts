import type { Trial } from './attempt.ts'

/** What came of the faults, by fault, as a table in Markdown. */
export function faultTable(names: readonly string[], trials: readonly Trial[]): string {
  const rows = names.flatMap((name) => {
    const own = trials.filter((trial) => trial.name === name)
    if (own.length === 0) return []
    const count = (met: Trial['met']): number => own.filter((trial) => trial.met === met).length
    const seconds = own.map(({ ms }) => ms / 1000).sort((a, b) => a - b)
    const bad = own.filter(({ violations }) => violations.length > 0).length
    const errors = [...new Set(own.flatMap(({ error }) => error ?? []))].sort()
    return [
      [
        name,
        own.length,
        count('killed') || '',
        count('completed') || '',
        count('said what to do') || '',
        errors.map((code) => `\`${code}\``).join(', '),
        Math.max(...own.map(({ runs }) => runs)),
        `${seconds[Math.floor(seconds.length / 2)]?.toFixed(1)} s`,
        bad === 0 ? 'all well' : `${bad} bad`
      ]
    ]
  })
  const head = [
    'fault',
    'times',
    'run killed',
    'completed',
    'said what to do',
    'as',
    'runs after it, at most',
    'median until well',
    'afterwards'
  ]
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

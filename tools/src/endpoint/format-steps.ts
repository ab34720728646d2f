import { formatDuration, type Colors, type EndpointReport, type EndpointStep } from '@fast-mcp/validation'

/** A step as one line; below it the evidence where it failed, or wherever `verbose`. Ends with a newline. */
export function formatStep(step: EndpointStep, colors: Colors, verbose: boolean): string {
  const mark = step.passed ? colors.green('✓') : colors.red('✗')
  const evidence = verbose || !step.passed ? `${step.evidence.trimEnd().replace(/^/gm, '      ')}\n` : ''
  return `  ${mark} ${step.title} ${colors.dim(`(${formatMs(step.ms)})`)}\n${evidence}`
}

/** One line at the end: how many steps passed, and how long requests took. Ends with a newline. */
export function formatSummary(report: EndpointReport, colors: Colors): string {
  const failed = report.steps.filter((step) => !step.passed).length
  const { count, medianMs, p95Ms, maxMs } = report.latency
  const verdict = failed === 0 ? colors.green('passed') : colors.red('failed')
  const times =
    count === 0
      ? ''
      : `; ${String(count)} requests, median ${formatMs(medianMs)}, p95 ${formatMs(p95Ms)}, slowest ${formatMs(maxMs)}`
  return `  ${verdict}: ${String(report.steps.length - failed)} steps passed, ${String(failed)} failed${times}\n`
}

function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : formatDuration(ms)
}

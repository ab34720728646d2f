import { formatDuration, phases, type Phase, type PhaseRecord } from '@fast-mcp/validation'
import { formatBytes, formatMs, formatTime } from '../figures.ts'
import { html, type Html } from '../html.ts'
import type { PhaseState, ReportData } from '../report-data.ts'
import type { Verdict } from '../verdict.ts'
import { newestEndpoint } from './latency.ts'

/** The first screen: live or not and why, the four phases, the figures one asks for. */
export function summary(data: ReportData, verdict: Verdict): Html {
  const url = typeof data.live === 'object' ? data.live.url : undefined
  return html`<header class="${verdict.live ? 'live' : 'not-live'}">
    <p class="eyebrow">Fast MCP Server, as of ${formatTime(data.generatedAt)}</p>
    <h1><span class="lamp" aria-hidden="true"></span>${verdict.headline}</h1>
    <p class="reason">${verdict.reason}</p>
    ${verdict.instead === undefined ? undefined : html`<p class="instead">${verdict.instead}</p>`}
    ${verdict.remedy === undefined ? undefined : html`<p class="remedy"><b>What to do:</b> ${verdict.remedy}</p>`}
    ${verdict.warnings.length === 0 ? undefined : html`<p class="remedy"><b>But:</b> ${verdict.warnings.join('; ')}. Run make deploy, which mends it.</p>`}
    ${verdict.live && url !== undefined ? html`<p class="endpoint"><a href="${url}">${url}</a></p>` : undefined}
    <ol class="rail" aria-label="Phases">
      ${phases.map((phase) => station(phase, data.phases[phase]))}
    </ol>
    <dl class="figures">
      ${figures(data).map(
        ([name, value, note]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}<small>${note}</small></dd>
          </div>`
      )}
    </dl>
  </header>`
}

const words: Readonly<Record<PhaseState['state'], string>> = {
  passed: 'passed',
  failed: 'failed',
  missing: 'not run',
  unreadable: 'record unreadable',
  'other-commit': 'of another commit'
}

function station(phase: Phase, state: PhaseState): Html {
  const note = 'record' in state ? `${counts(state.record)}; ${formatDuration(state.record.durationMs)}` : ''
  return html`<li class="${state.state}">
    <a href="#${phase}"><b>${phase}</b> <span>${words[state.state]}</span><small>${note}</small></a>
  </li>`
}

/** `1 failed, 14 not run, 5 passed`: what went wrong first, and nothing that is zero. */
function counts({ checks }: PhaseRecord): string {
  const parts = (['failed', 'not-run', 'passed', 'not-applicable'] as const).flatMap((status) => {
    const count = checks.filter((row) => row.status === status).length
    return count === 0 ? [] : [`${String(count)} ${status.replace('-', ' ')}`]
  })
  return parts.join(', ')
}

function figures(data: ReportData): readonly (readonly [name: string, value: string, note: string])[] {
  const known = data.coverage.flatMap(({ project, coverage }) =>
    typeof coverage === 'string' ? [] : [{ project, lines: coverage.lines }]
  )
  const least = known.sort((a, b) => a.lines - b.lines)[0]
  const build = data.phases.build
  const details = 'details' in build ? build.details : {}
  const size = details.layers?.reduce((sum, layer) => sum + layer.bytes, 0)
  const endpoint = newestEndpoint(data)
  const { deployment } = data.status ?? {}
  const traffic =
    deployment === undefined || deployment.state === 'not-deployed' ? undefined : deployment.traffic
  return [
    ...(traffic === undefined
      ? []
      : [
          [
            'Requests a second',
            String(traffic.requestsPerSecond),
            `${String(traffic.requests)} in all, ${String(traffic.serverErrors)} errors${
              traffic.latency === undefined
                ? ''
                : `; p50 ${formatMs(traffic.latency.p50Ms)}, p95 ${formatMs(traffic.latency.p95Ms)}`
            }`
          ] as const
        ]),
    ...(least === undefined
      ? []
      : [
          [
            'Least coverage',
            `${least.lines.toFixed(1)} %`,
            `${least.project}, of ${String(known.length)} projects`
          ] as const
        ]),
    ...(size === undefined
      ? []
      : [
          [
            'Image',
            formatBytes(size),
            details.compressedBytes === undefined
              ? 'unpacked'
              : `${formatBytes(details.compressedBytes)} in the registry`
          ] as const
        ]),
    ...(details.readyMs === undefined
      ? []
      : [['Container healthy', formatMs(details.readyMs), 'after its start'] as const]),
    ...(endpoint === undefined
      ? []
      : [
          [
            'Slowest answer',
            formatMs(endpoint.report.latency.maxMs),
            `median ${formatMs(endpoint.report.latency.medianMs)}, phase ${endpoint.phase}`
          ] as const
        ])
  ]
}

import { phases, type EndpointReport, type Phase, type ToolTiming } from '@fast-mcp/validation'
import { formatMs } from '../figures.ts'
import { html, type Html } from '../html.ts'
import type { ReportData } from '../report-data.ts'

/** The bound of the specification, and the right end of the scale. */
const limitMs = 2000
const ticksMs: readonly number[] = [1, 10, 100, 1000]
/** The left end; what is faster stands there. */
const fastestMs = 1

/** The endpoint test of the latest phase of this commit that has one. */
export function newestEndpoint(
  data: Pick<ReportData, 'phases'>
): { readonly phase: Phase; readonly report: EndpointReport } | undefined {
  for (const phase of phases.toReversed()) {
    const state = data.phases[phase]
    if ((state.state === 'passed' || state.state === 'failed') && state.details.endpoint !== undefined)
      return { phase, report: state.details.endpoint }
  }
  return undefined
}

/** A row a tool, a dot a call, on a logarithmic scale that ends at the bound; undefined where nothing was measured. */
export function latencySection(data: Pick<ReportData, 'phases'>): Html | undefined {
  const newest = newestEndpoint(data)
  if (newest === undefined || newest.report.latency.count === 0) return undefined
  const { count, medianMs, p95Ms, maxMs } = newest.report.latency
  return html`<section id="latency" aria-labelledby="latency-title">
    <h2 id="latency-title">Latency</h2>
    <p>
      ${count} requests in phase ${newest.phase}: median ${formatMs(medianMs)}, 95th percentile
      ${formatMs(p95Ms)}, slowest ${formatMs(maxMs)}. The bound is ${formatMs(limitMs)}. Each dot is a call;
      the scale is logarithmic.
    </p>
    <div class="plot">
      <div class="heading"><small>median</small></div>
      ${newest.report.tools.map(toolRow)}
      <div class="axis" aria-hidden="true">
        <span></span>
        <div class="track">
          ${ticksMs.map((ms) => html`<small style="left:${position(ms)}%">${formatTick(ms)}</small>`)}
          <small class="bound" style="left:100%">${formatTick(limitMs)}</small>
        </div>
        <span></span>
      </div>
    </div>
  </section>`
}

function toolRow({ tool, ms }: ToolTiming): Html {
  const sorted = [...ms].sort((a, b) => a - b)
  const median = sorted[Math.floor((sorted.length - 1) / 2)]
  return html`<div class="row">
    <code>${tool}</code>
    <div class="track">
      ${ticksMs.map((tick) => html`<u style="left:${position(tick)}%"></u>`)}${sorted.map((one) => html`<i class="${one >= limitMs ? 'failed' : ''}" style="left:${position(one)}%"></i>`)}
    </div>
    <span>${median === undefined ? 'not called' : formatMs(median)}</span>
  </div>`
}

/** Percent from the left end of the scale. */
export function position(ms: number): string {
  const part = Math.log(Math.max(ms, fastestMs) / fastestMs) / Math.log(limitMs / fastestMs)
  return (100 * Math.min(1, part)).toFixed(2)
}

function formatTick(ms: number): string {
  return ms < 1000 ? `${String(ms)} ms` : `${String(ms / 1000)} s`
}

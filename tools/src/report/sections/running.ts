import { formatMs, formatTime } from '../figures.ts'
import { html, type Html } from '../html.ts'
import type { ReportData } from '../report-data.ts'

interface Row {
  readonly name: string
  readonly what: string
  readonly where: string
  readonly state: string
}

/** What runs where, and which versions one can go back to; undefined where nobody knows. */
export function runningSection({ status, phases, generatedAt }: ReportData): Html | undefined {
  const { deploy } = phases
  const deployment = status?.deployment
  if (deployment === undefined || deployment.state === 'not-deployed') {
    const recorded = 'details' in deploy ? deploy.details.running : undefined
    return recorded === undefined || recorded.length === 0
      ? undefined
      : section('As phase deploy last saw it.', recorded)
  }
  const { endpoint, parts, tasks, traffic, history } = deployment
  const rows: readonly Row[] = [
    ...parts.map(({ name, what, state }) => ({
      name,
      what,
      where: name === 'load balancer' ? endpoint : '',
      state
    })),
    ...tasks.map(({ name, address, health, check, requests, active, serverErrors }) => ({
      name,
      what: `task: ${String(requests)} requests, ${String(active)} at work, ${String(serverErrors)} errors`,
      where: address,
      state: check === '' ? health : `${health}, ${check}`
    }))
  ]
  const times =
    traffic?.latency === undefined
      ? ''
      : ` Half of the last ${String(traffic.latency.count)} requests were answered within ${formatMs(traffic.latency.p50Ms)}, 95 % within ${formatMs(traffic.latency.p95Ms)}.`
  return section(`At ${formatTime(generatedAt)}.${times}`, rows, html`${earlier(history.slice(1))}`)
}

function section(when: string, rows: readonly Row[], more?: Html): Html {
  return html`<section id="running" aria-labelledby="running-title">
    <h2 id="running-title">What runs where</h2>
    <p class="when">${when}</p>
    <div class="scroll" tabindex="0" role="group" aria-label="Load balancer, registry and tasks">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">What</th>
            <th scope="col">Where</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ name, what, where, state }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${what}</td>
                <td><code>${where}</code></td>
                <td>${state}</td>
              </tr>`
          )}
        </tbody>
      </table>
    </div>
    ${more}
  </section>`
}

function earlier(
  history: readonly {
    readonly version: { readonly sha: string; readonly dirty: boolean }
    readonly deployedAt: string
    readonly proof: string
  }[]
): Html | undefined {
  if (history.length === 0) return undefined
  return html`<p class="artifacts">
    One can go back to
    ${history.map(
      ({ version, deployedAt, proof }) =>
        html`<span
          ><code>${version.sha}${version.dirty ? '-dirty' : ''}</code> (${formatTime(new Date(deployedAt))},
          checks: ${proof})</span
        >`
    )}
  </p>`
}

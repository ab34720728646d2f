import { formatDuration, type Artifact, type CheckRow, type Phase } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import { formatTime, shortDigest } from '../figures.ts'
import { html, type Html } from '../html.ts'
import type { PhaseState } from '../report-data.ts'

const marks: Readonly<Record<CheckRow['status'], readonly [mark: string, words: string]>> = {
  passed: ['✓', 'passed'],
  failed: ['✗', 'failed'],
  'not-applicable': ['–', 'not applicable'],
  'not-run': ['○', 'not run']
}

/** Failed checks first: they are what a reader came for. */
const order: readonly CheckRow['status'][] = ['failed', 'not-run', 'passed', 'not-applicable']

/** One phase: when and from what, its checks with their evidence, what it made. */
export function phaseSection(phase: Phase, state: PhaseState): Html {
  return html`<section id="${phase}" aria-labelledby="${phase}-title">
    <h2 id="${phase}-title">Phase ${phase}</h2>
    ${body(phase, state)}
  </section>`
}

function body(phase: Phase, state: PhaseState): Html {
  if (state.state === 'missing') return html`<p>It has not run: there is no record.</p>`
  if (state.state === 'unreadable') return html`<p class="remedy">${state.problem}</p>`
  const { record } = state
  const rows = order.flatMap((status) => record.checks.filter((row) => row.status === status))
  return html`<p class="when">
      ${versionTag(record.version)} on target ${record.target}, ${formatTime(new Date(record.finishedAt))}, in
      ${formatDuration(record.durationMs)}.${state.state === 'other-commit' ? html` <b>This is not the commit of this report.</b>` : undefined}
    </p>
    <ul class="checks">
      ${rows.map(check)}
    </ul>
    ${artifacts('Took', record.inputs)} ${artifacts('Made', record.outputs)}
    ${rows.length === 0 ? html`<p>The record of phase ${phase} holds no checks.</p>` : undefined}`
}

function check(row: CheckRow): Html {
  const [mark, words] = marks[row.status]
  return html`<li class="${row.status}">
    <span class="mark" aria-hidden="true">${mark}</span>
    <div class="what"><b>${row.title}</b> <span class="hidden">${words}</span><code>${row.id}</code></div>
    <div class="evidence">${evidence(row)}</div>
    <span class="time">${row.durationMs === 0 ? '' : formatDuration(row.durationMs)}</span>
  </li>`
}

function evidence(row: CheckRow): Html {
  const remedy =
    row.remedy === undefined ? undefined : html`<p class="remedy"><b>What to do:</b> ${row.remedy}</p>`
  if (row.status === 'failed')
    return html`<pre>${row.evidence}</pre>
      ${remedy}`
  const [first = '', ...rest] = row.evidence.split('\n')
  if (rest.length === 0 && first.length <= 200) return html`${first}`
  return html`<details>
    <summary>${first.slice(0, 160)}…</summary>
    <pre>${row.evidence}</pre>
  </details>`
}

function artifacts(title: string, list: readonly Artifact[]): Html | undefined {
  if (list.length === 0) return undefined
  return html`<p class="artifacts">
    ${title}
    ${list.map(({ name, location, digest }) => html`<span>${name} <code>${location}</code> <code title="${digest}">${shortDigest(digest)}</code></span>`)}
  </p>`
}

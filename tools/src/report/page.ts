import { phases, type Phase } from '@fast-mcp/validation'
import { formatTime } from './figures.ts'
import { html, Html } from './html.ts'
import type { ReportData } from './report-data.ts'
import { coverageSection } from './sections/coverage.ts'
import { imageSection } from './sections/image.ts'
import { latencySection } from './sections/latency.ts'
import { phaseSection } from './sections/phase.ts'
import { runningSection } from './sections/running.ts'
import { summary } from './sections/summary.ts'
import { verdictOf } from './verdict.ts'

/** The whole page. It loads nothing and runs no script. */
export function page(data: ReportData, style: string): string {
  const verdict = verdictOf(data)
  const { build } = data.phases
  // A phase that failed is what the reader came for, so it goes first.
  const failed = phases.filter((phase) => data.phases[phase].state === 'failed')
  const others = phases.filter((phase) => !failed.includes(phase))
  const section = (phase: Phase): Html => phaseSection(phase, data.phases[phase])
  const { fullSha, committedAt, dirty } = data.version
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${verdict.headline}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>
          ${summary(data, verdict)} ${failed.map(section)} ${runningSection(data)} ${latencySection(data)}
          ${'details' in build ? imageSection(build.details) : undefined} ${coverageSection(data)}
          ${others.map(section)}
        </main>
        <footer>
          Commit <code>${fullSha}</code> of
          ${formatTime(new Date(committedAt))}${dirty ? ', with uncommitted changes' : ''}.
        </footer>
      </body>
    </html>`
  return `${text.toString().trim()}\n`
}

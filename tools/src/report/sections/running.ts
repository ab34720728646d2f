import { html, type Html } from '../html.ts'
import type { PhaseState } from '../report-data.ts'

/** What runs where, as phase deploy last saw it; undefined where its record does not say. */
export function runningSection(deploy: PhaseState): Html | undefined {
  const running = 'details' in deploy ? deploy.details.running : undefined
  if (running === undefined || running.length === 0) return undefined
  return html`<section id="running" aria-labelledby="running-title">
    <h2 id="running-title">What runs where</h2>
    <div class="scroll">
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
          ${running.map(
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
  </section>`
}

import { html, type Html } from '../html.ts'
import type { ReportData } from '../report-data.ts'

const required = 85

/** A row a project: lines as a bar against what is required, the rest as numbers. */
export function coverageSection({ coverage }: Pick<ReportData, 'coverage'>): Html {
  return html`<section id="coverage" aria-labelledby="coverage-title">
    <h2 id="coverage-title">Coverage by unit tests</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Project</th>
            <th scope="col" class="wide">Lines, ${required} % required</th>
            <th scope="col">Functions</th>
            <th scope="col">Branches</th>
          </tr>
        </thead>
        <tbody>
          ${coverage.map(row)}
        </tbody>
      </table>
    </div>
  </section>`
}

function row({ project, coverage }: ReportData['coverage'][number]): Html {
  if (typeof coverage === 'string')
    return html`<tr>
      <th scope="row">${project}</th>
      <td colspan="3">not measured</td>
    </tr>`
  const { lines, functions, branches } = coverage
  return html`<tr>
    <th scope="row">${project}</th>
    <td>
      <span class="meter ${lines < required ? 'failed' : ''}"
        ><i style="width:${lines}%"></i><u style="left:${required}%"></u
      ></span>
      ${lines.toFixed(1)} %
    </td>
    <td>${functions.toFixed(1)} %</td>
    <td>${branches.toFixed(1)} %</td>
  </tr>`
}

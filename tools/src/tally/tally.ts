import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const suiteResults = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numRuntimeErrorTestSuites: z.number()
})

export interface Tally {
  readonly suite: string
  readonly passed: number
  /** Failed tests, and files that could not be run at all. */
  readonly failed: number
  readonly skipped: number
}

/** What every suite under `dist/test` reported, by name. A suite folder without results counts as one failure. */
export async function tallySuites(workspace: string): Promise<readonly Tally[]> {
  const folder = join(workspace, 'dist/test')
  const entries = await readdir(folder, { withFileTypes: true })
  const suites = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(suites.sort().map((suite) => readSuite(suite, join(folder, suite, 'results.json'))))
}

async function readSuite(suite: string, path: string): Promise<Tally> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return { suite, passed: 0, failed: 1, skipped: 0 }
  const results = suiteResults.parse(JSON.parse(text))
  return {
    suite,
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests
  }
}

/** A line a suite, then `N passed, N failed` over all of them (`, N skipped` where some were). Ends with a newline. */
export function formatTally(tallies: readonly Tally[]): string {
  const total = (key: 'passed' | 'failed' | 'skipped'): number =>
    tallies.reduce((sum, tally) => sum + tally[key], 0)
  const width = Math.max(0, ...tallies.map(({ suite }) => suite.length))
  return [
    ...tallies.map(
      ({ suite, passed, failed, skipped }) =>
        `  ${suite.padEnd(width)}  ${passed} of ${passed + failed}${skipped > 0 ? ` and ${skipped} skipped` : ''}`
    ),
    `${total('passed')} passed, ${total('failed')} failed${total('skipped') > 0 ? `, ${total('skipped')} skipped` : ''}`,
    ''
  ].join('\n')
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** What jest counted. Source: Jest, `--json`, formatted as in its testResultsProcessor documentation. */
const resultsSchema = z.object({
  success: z.boolean(),
  numTotalTests: z.number(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() }))
    })
  )
})

export type TestResults = z.output<typeof resultsSchema>

const percent = z.object({ pct: z.union([z.number(), z.literal('Unknown')]) })
const coverageSchema = z.object({
  total: z.object({ lines: percent, statements: percent, functions: percent, branches: percent })
})

/** Percentages from 0 to 100; 100 where there is nothing to cover. */
export interface Coverage {
  readonly lines: number
  readonly statements: number
  readonly functions: number
  readonly branches: number
}

/** The results in `dist/test/<suite>/results.json`, or in words why there are none. */
export async function readTestResults(workspace: string, suite: string): Promise<TestResults | string> {
  return readJson(join(workspace, 'dist', 'test', suite, 'results.json'), resultsSchema)
}

/** The totals in `dist/test/<project>/coverage/coverage-summary.json`, or in words why there are none. */
export async function readCoverage(workspace: string, project: string): Promise<Coverage | string> {
  const path = join(workspace, 'dist', 'test', project, 'coverage', 'coverage-summary.json')
  const summary = await readJson(path, coverageSchema)
  if (typeof summary === 'string') return summary
  const { lines, statements, functions, branches } = summary.total
  const value = ({ pct }: z.output<typeof percent>): number => (pct === 'Unknown' ? 100 : pct)
  return {
    lines: value(lines),
    statements: value(statements),
    functions: value(functions),
    branches: value(branches)
  }
}

/** What is wrong with a suite, one line a fault; empty where all of its tests passed and there is at least one. */
export function faultsOf(results: TestResults): readonly string[] {
  const failed = results.testResults.flatMap((file) =>
    file.assertionResults.filter((one) => one.status === 'failed').map((one) => one.fullName)
  )
  const broken = results.testResults
    .filter((file) => file.assertionResults.length === 0 && file.message !== '')
    .map((file) => `${file.name}: ${file.message.trim().split('\n')[0] ?? ''}`)
  const faults = [...failed, ...broken]
  if (faults.length > 0) return faults
  if (results.numTotalTests === 0) return ['it has no tests']
  if (results.numPassedTests === 0) return ['none of its tests was run']
  return results.success ? [] : ['jest reports a failure, such as a coverage below its threshold']
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return `no results at ${path}`
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    return `${path} cannot be read: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`
  }
}

import { afterEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatTally, tallySuites } from './tally.ts'

const folders: string[] = []

async function workspaceWith(suites: Readonly<Record<string, object | undefined>>): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), 'tally-'))
  folders.push(workspace)
  for (const [suite, results] of Object.entries(suites)) {
    await mkdir(join(workspace, 'dist/test', suite), { recursive: true })
    if (results !== undefined)
      await writeFile(join(workspace, 'dist/test', suite, 'results.json'), JSON.stringify(results))
  }
  return workspace
}

function results(passed: number, failed: number, pending: number, broken: number): object {
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numRuntimeErrorTestSuites: broken
  }
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

describe('tally', () => {
  test('sums all suites on the last line', async () => {
    const workspace = await workspaceWith({ quilt: results(12, 0, 1, 0), tools: results(3, 1, 0, 1) })
    expect(
      formatTally(await tallySuites(workspace))
        .trimEnd()
        .split('\n')
        .at(-1)
    ).toBe('15 passed, 2 failed, 1 skipped')
  })

  test('counts a suite that left no results as failed', async () => {
    const workspace = await workspaceWith({ quilt: undefined })
    expect(await tallySuites(workspace)).toEqual([{ suite: 'quilt', passed: 0, failed: 1, skipped: 0 }])
  })

  test('refuses results it does not understand', async () => {
    const workspace = await workspaceWith({ quilt: { numPassedTests: 'many' } })
    await expect(tallySuites(workspace)).rejects.toThrow('numPassedTests')
  })
})

import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { reportPath } from '../report/write-report.ts'
import { writePageOfRun } from './page-of-run.ts'

let workspace: string

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'page-of-run-'))
})
afterEach(() => rm(workspace, { recursive: true }))

test('a run leaves the report behind and says where', async () => {
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: workspace })
  await git('init', '-q')
  await writeFile(join(workspace, 'package.json'), '{"workspaces": []}')
  await git('commit', '-q', '--allow-empty', '-m', 'first')
  expect(await writePageOfRun(workspace, new AbortController().signal)).toBe(`  Report: ${reportPath}\n`)
  expect(await readFile(join(workspace, reportPath), 'utf8')).toContain('<!doctype html>')
})

test('a run without a commit says why there is no report', async () => {
  expect(await writePageOfRun(workspace, new AbortController().signal)).toMatch(/Report: none, .*git/i)
})

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Status } from './gather.ts'
import { refreshReport, reportLog } from './refresh-report.ts'

const status: Status = {
  head: undefined,
  current: false,
  ahead: undefined,
  phases: [],
  deployment: { state: 'not-deployed', target: 'local' }
}

let workspace: string

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'refresh-report-'))
})

afterEach(async () => {
  await rm(workspace, { recursive: true, force: true })
})

async function program(text: string): Promise<void> {
  await mkdir(join(workspace, 'tools/src/report'), { recursive: true })
  await writeFile(join(workspace, 'tools/src/report/main.ts'), text)
}

/** What a file holds once something is in it, ten seconds at most. */
async function written(name: string): Promise<string> {
  const path = join(workspace, name)
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20))
    if (existsSync(path) && readFileSync(path, 'utf8') !== '') return readFileSync(path, 'utf8')
  throw new Error(`${name} is not written`)
}

describe('refreshReport', () => {
  test('gives the status to the program of the report', async () => {
    await program(
      `import fs from 'node:fs'\nfs.writeFileSync('aside', process.argv[2] + fs.readFileSync(0, 'utf8'))\nfs.renameSync('aside', 'seen')\n`
    )
    refreshReport(workspace, status)
    expect(await written('seen')).toBe(`--status-from-stdin${JSON.stringify(status)}`)
  })

  test('does nothing in a workspace without that program', () => {
    refreshReport(workspace, status)
    expect(existsSync(join(workspace, '.local'))).toBe(false)
  })

  test('throws nothing where there is no place for its log, and says so', async () => {
    await program('')
    await writeFile(join(workspace, '.local'), 'a file in the way')
    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined)
    expect(() => {
      refreshReport(workspace, status)
    }).not.toThrow()
    expect(told).toHaveBeenCalledWith(expect.stringContaining('EEXIST'))
    told.mockRestore()
  })

  test('keeps what the program says where it fails', async () => {
    await program(`console.error('no room'); process.exit(1)\n`)
    refreshReport(workspace, status)
    expect(await written(reportLog)).toContain('no room')
  })
})

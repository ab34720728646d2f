import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Status } from './gather.ts'
import { refreshReport } from './refresh-report.ts'

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

describe('refreshReport', () => {
  test('gives the status to the program of the report', async () => {
    await program(
      `import fs from 'node:fs'\nfs.writeFileSync('seen', process.argv[2] + fs.readFileSync(0, 'utf8'))\n`
    )
    await refreshReport(workspace).write(status)
    expect(await readFile(join(workspace, 'seen'), 'utf8')).toBe(
      `--status-from-stdin${JSON.stringify(status)}`
    )
  })

  test('does nothing in a workspace without that program', async () => {
    await refreshReport(workspace).write(status)
  })

  test('shows what the program says where it fails', async () => {
    await program(`console.error('no room'); process.exit(1)\n`)
    await expect(refreshReport(workspace).write(status)).rejects.toMatchObject({
      code: 'step-failed',
      evidence: expect.stringContaining('no room')
    })
  })
})

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withLock } from '@fast-mcp/validation'
import { execa } from 'execa'

const main = new URL('main.ts', import.meta.url).pathname
let workspace: string

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'pipeline-'))
})
afterEach(() => rm(workspace, { recursive: true }))

function pipeline(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return execa(process.execPath, ['--no-warnings', main, ...args], {
    cwd: workspace,
    reject: false,
    env: { FAST_MCP_LOCK: undefined, NODE_OPTIONS: undefined, ...environment }
  })
}

describe('the pipeline command', () => {
  test('a second pipeline in one workspace is told who holds the lock', async () => {
    const second = await withLock(workspace, 'pipeline full', () => pipeline(['full']))
    expect(second.exitCode).toBe(2)
    expect(second.stderr).toContain('[locked]')
    expect(second.stderr).toContain(`${process.pid}`)
    expect(second.stderr).toContain('pipeline full')
  })

  test('a wrong environment variable stops it before anything is run', async () => {
    const result = await pipeline(['full'], { LOCAL_HTTPS_PORT: 'eight' })
    expect(result.exitCode).toBe(2)
    expect(result.stderr).toContain('LOCAL_HTTPS_PORT is "eight"; accepted: a port from 1 to 65535')
  })

  test('an unknown command ends with exit code 2 and points to --help', async () => {
    const result = await pipeline(['fly'])
    expect(result.exitCode).toBe(2)
    expect(result.stderr).toContain('--help')
    expect((await pipeline(['--help'])).stdout).toContain('usage: pipeline full')
  })
})

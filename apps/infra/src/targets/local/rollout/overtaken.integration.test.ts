import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LocalWorkspace } from '../../../../test/local-workspace.ts'

const holder = join(import.meta.dirname, '../../../../../../libs/validation/test/lock-holder.ts')
let workspace: LocalWorkspace

beforeEach(async () => {
  workspace = await LocalWorkspace.create()
  await workspace.target().deploy(workspace.request('a'))
})

afterEach(async () => {
  await workspace.end()
})

test('a rollout that lost its lock to another pipeline touches nothing more, and the next one sorts it out', async () => {
  const state = await readFile(workspace.paths.state, 'utf8')
  const other = spawn(process.execPath, ['--no-warnings', holder, workspace.folder, 'make full'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, FAST_MCP_LOCK: '' }
  })
  try {
    await once(other.stdout, 'data')
    const abort = new AbortController()
    const interrupted = workspace
      .target({
        signal: abort.signal,
        soakMs: 5000,
        onLine: (line) => {
          if (line.includes('new tasks started')) abort.abort(new Error('another pipeline was faster'))
        }
      })
      .deploy(workspace.request('b'))
    await expect(interrupted).rejects.toThrow('another pipeline was faster')
    expect(workspace.engine.pids).toHaveLength(4)
    expect(await readFile(workspace.paths.state, 'utf8')).toBe(state)
    expect((await workspace.get('/health')).revision).toBe('a'.repeat(40))
  } finally {
    const gone = once(other, 'exit')
    other.stdin.end()
    await gone
  }
  await workspace.target().deploy(workspace.request('c'))
  expect(workspace.engine.pids).toHaveLength(2)
  expect((await workspace.get('/health')).revision).toBe('c'.repeat(40))
})

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withLock } from '@fast-mcp/validation'
import { initRepository } from '../test/git-workspace.ts'

let workspace: string

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'programs-'))
  await initRepository(workspace)
})

afterEach(async () => {
  await rm(workspace, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program as Nx and make do: in the workspace, with the variables of the pipeline given here alone. */
async function run(
  program: string,
  args: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {}
): Promise<Ended> {
  const main = join(import.meta.dirname, program, 'main.ts')
  const child = spawn(process.execPath, [main, ...args], {
    cwd: workspace,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, stdout, stderr }
}

describe('status', () => {
  test('of nothing says so with exit code 3, as text and as JSON', async () => {
    expect(await run('status')).toMatchObject({ code: 3, stdout: expect.stringMatching(/^not deployed: /) })
    const { code, stdout } = await run('status', ['--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ deployment: { state: 'not-deployed', target: 'local' } })
  })
})

describe('what bad input gets', () => {
  test.each(['status', 'deploy'])('%s refuses an argument it does not know', async (program) => {
    expect(await run(program, ['--fast'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--fast.*\[invalid-arguments\]\n {2}what to do: /s)
    })
  })

  test('destroy of a stage on AWS is not done unasked', async () => {
    const variables = { ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com' }
    expect(await run('destroy', [], variables)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/stage dev .*\[invalid-arguments\]\n {2}what to do: .*--yes/s)
    })
  })

  test('a wrong variable is named with its value and what is accepted', async () => {
    expect(await run('deploy', [], { LOCAL_HTTPS_PORT: 'https' })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/LOCAL_HTTPS_PORT is "https"; accepted: a port/)
    })
  })

  test('deploy and deploy-test alone say which phase is missing', async () => {
    for (const program of ['deploy', 'deploy-test'])
      expect(await run(program)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/\[record-missing\]\n {2}what to do: Run `make catalog` first/)
      })
  })

  test('rollback of nothing says that nothing is deployed, with exit code 3', async () => {
    expect(await run('rollback')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('[not-deployed]')
    })
  })

  test.each(['deploy', 'destroy'])('%s beside another pipeline says who is at work', async (program) => {
    await withLock(workspace, 'make full', async () => {
      expect(await run(program)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(new RegExp(`process ${process.pid}, "make full".*\\[locked\\]`))
      })
    })
  })
})

describe('help', () => {
  test.each(['status', 'rollback', 'destroy', 'supervise'])('of %s shows how to call it', async (program) => {
    expect(await run(program, ['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^usage: /)
    })
  })
})

describe('synth', () => {
  test('writes the template and names it', async () => {
    expect(await run('synth')).toMatchObject({
      code: 0,
      stdout: 'template: dist/cdk.out/QuiltMcp.template.json\n'
    })
  })
})

import { describe, expect, test } from '@jest/globals'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { inFolder, write } from '../../test/workspace.ts'
import { parseOutcome, runTargets, type NxOutcome } from './nx-targets.ts'

const good = `
 NX   Successfully ran targets lint, test for 2 projects

Nx read the output from the cache instead of running the command for 3 out of 4 tasks.
`
const bad = `
 NX   Running targets lint, test for 2 projects failed

Failed tasks:

- one:lint
- @scope/two:test:ci

Hint: run the command with --verbose for more details.
`

describe('what Nx prints', () => {
  test('of a good run has no failed tasks', () => {
    expect(parseOutcome(good)).toMatchObject({ failed: [], cache: '3 of 4 tasks from the cache' })
  })

  test('of a bad run names the failed tasks', () => {
    expect(parseOutcome(bad)).toMatchObject({ failed: ['one:lint', '@scope/two:test:ci'], cache: 'run anew' })
  })
})

describe('running targets', () => {
  /** Runs them with a stand-in for Nx that prints this and ends with this code. */
  const run = (output: string, code: number, signal = new AbortController().signal): Promise<NxOutcome> =>
    inFolder({}, async (workspace) => {
      const nx = 'node_modules/.bin/nx'
      await write(workspace, {
        [nx]: `#!/bin/sh\necho "$@"\ncat <<'END'\n${output}\nEND\nexit ${String(code)}\n`
      })
      await chmod(join(workspace, nx), 0o755)
      return runTargets(workspace, ['lint', 'test'], signal)
    })

  test('asks Nx for all of them in one go', async () => {
    const { output, failed } = await run(good, 0)
    expect(output).toMatch(/^run-many -t lint test --outputStyle=static\n/)
    expect(failed).toEqual([])
  })

  test('resolves where tasks failed: that is for the checks to say', async () => {
    expect((await run(bad, 1)).failed).toHaveLength(2)
  })

  test('is not misled by colours, which Nx asks of the programs it runs', async () => {
    const coloured = bad.replaceAll(/^.+$/gm, (line) => `\u001B[31m${line}\u001B[39m`)
    expect((await run(coloured, 1)).failed).toEqual(['one:lint', '@scope/two:test:ci'])
  })

  test('throws where Nx fails without naming a task', async () => {
    await expect(run('cannot read the project graph', 1)).rejects.toMatchObject({
      code: 'step-failed',
      message: 'nx run-many -t lint test ended with 1',
      evidence: expect.stringContaining('cannot read the project graph')
    })
  })

  test('throws the reason of an interrupt', async () => {
    await expect(run(good, 0, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  })
})

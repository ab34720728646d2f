import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { installScript, installStandIns } from '@fast-mcp/containers/stand-in'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepText } from '../../test/workspace.ts'
import type { Requirement } from './requirements.ts'
import { setup, type SetupOptions } from './setup.ts'

const path = process.env['PATH'] ?? ''
let workspace = ''

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'setup-'))
})
afterEach(async () => {
  process.env['PATH'] = path
  await rm(workspace, { recursive: true, force: true })
})

const tool: Requirement = {
  programs: ['tool'],
  purpose: 'testing',
  debian: 'tool-package',
  elsewhere: 'https://tool.example'
}

/** A machine with a stand-in for podman that lacks a tool until it is installed. */
async function machine(
  lacks: readonly Requirement[]
): Promise<SetupOptions & { readonly text: () => string }> {
  const PATH = `${await installStandIns(workspace, ['podman'])}:/usr/bin:/bin`
  process.env['PATH'] = PATH
  const { write, text } = keepText()
  return {
    workspace,
    environment: { PATH },
    signal: new AbortController().signal,
    write,
    text,
    userId: 0,
    debian: true,
    find: () => lacks,
    install: () => Promise.reject(new Error('nothing is to be installed'))
  }
}

describe('setup', () => {
  test('says nothing where everything is there, and prepares the engine', async () => {
    const options = await machine([])
    await setup(options)
    expect(options.text()).toBe('')
    expect(existsSync(join(workspace, '.local', 'containers'))).toBe(process.platform === 'linux')
  })

  test('asks for what the engine at hand needs', async () => {
    const asked: string[][] = []
    const options = await machine([])
    const find = (required: readonly Requirement[]) => {
      asked.push(required.map((one) => one.debian))
      return []
    }
    await setup({ ...options, find })
    const bin = await installStandIns(workspace, ['docker'])
    await setup({ ...options, find, environment: { PATH: `${bin}:/usr/bin:/bin`, BASE_IMAGE: 'node:24' } })
    expect(asked[0]).toContain('podman')
    expect(asked[1]).not.toContain('podman')
    expect(asked[1]).not.toContain('mmdebstrap')
  })

  test('installs as root on Debian, says what, and looks again', async () => {
    let lacks = [tool]
    const options = await machine([])
    const installed: string[] = []
    await setup({
      ...options,
      find: () => lacks,
      install: (absent) => {
        installed.push(...absent.map((one) => one.debian))
        lacks = []
        return Promise.resolve()
      }
    })
    expect(installed).toEqual(['tool-package'])
    expect(options.text()).toBe('setup: installing tool-package\n')
  })

  test('a package that does not bring the program is named', async () => {
    const options = await machine([tool])
    const setting = setup({ ...options, install: () => Promise.resolve() })
    await expect(setting).rejects.toMatchObject({ code: 'missing-tool', message: 'tool is not installed' })
  })

  test.each([
    ['without root on Debian', { userId: 1000 }, /sudo apt-get install .* tool-package/],
    ['on another system', { debian: false }, /Install tool \(https:\/\/tool\.example\)/]
  ])('%s it says what to install and how, and installs nothing', async (_, change, remedy) => {
    const options = await machine([tool, { ...tool, programs: ['/usr/lib/other'] }])
    await expect(setup({ ...options, ...change })).rejects.toMatchObject({
      code: 'missing-tool',
      exitCode: 2,
      message: 'tool, other are not installed',
      evidence: 'tool: testing\n/usr/lib/other: testing',
      remedy: expect.stringMatching(remedy)
    })
  })

  test('an engine that is there and does not answer is named', async () => {
    const options = await machine([])
    await installScript(workspace, 'podman', 'echo "cannot set up namespace" >&2; exit 125')
    const environment = { ...options.environment, CONTAINER_ENGINE: 'podman' }
    await expect(setup({ ...options, environment })).rejects.toMatchObject({
      code: 'engine-unavailable',
      evidence: 'podman: cannot set up namespace'
    })
  })

  test('a wrong variable is named before anything is done', async () => {
    const options = await machine([])
    const environment = { ...options.environment, CONTAINER_ENGINE: 'lxc' }
    await expect(setup({ ...options, environment })).rejects.toMatchObject({ code: 'invalid-environment' })
  })
})

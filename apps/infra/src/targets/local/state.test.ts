import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { template, versionOf } from '../../../test/local-workspace.ts'
import { readState, withVersion, writeState, type DeployedVersion, type DeploymentState } from './state.ts'
import { readTemplate } from './template/read-template.ts'

const { description } = readTemplate(template, {
  ImageUri: `r/i@sha256:${'a'.repeat(64)}`,
  Version: 'aaaaaaa',
  Revision: 'a'.repeat(40)
})

function deployed(digit: string): DeployedVersion {
  return {
    version: versionOf(digit),
    image: {
      reference: `r/i@sha256:${digit.repeat(64)}`,
      digest: `sha256:${digit.repeat(64)}`,
      insecure: true
    },
    description,
    deployedAt: '2026-01-02T03:04:05.000Z',
    proof: 'none'
  }
}

const state: DeploymentState = {
  format: 1,
  engine: 'podman',
  endpoint: 'https://localhost:8443/mcp',
  httpsPort: 8443,
  tasks: [{ name: 'mcp-1', id: 'abc', port: 4711, pid: 12, startedAt: '2026-01-02T03:04:05.000Z' }],
  history: [deployed('a'), deployed('b')]
}

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-'))
  path = join(folder, 'deployment/state.json')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('the state', () => {
  test('is read back as it was written, and nothing is left aside', async () => {
    await writeState(path, state)
    expect(await readState(path)).toEqual(state)
    expect(await readdir(join(folder, 'deployment'))).toEqual(['state.json'])
  })

  test('that is not there is undefined', async () => {
    expect(await readState(path)).toBeUndefined()
  })

  test.each([
    ['truncated', (text: string) => text.slice(0, -40)],
    ['empty', () => ''],
    ['of another format', (text: string) => text.replace('"format": 1', '"format": 2')],
    ['with a field that is not known', (text: string) => text.replace('"format"', '"extra": 1, "format"')],
    ['with a digest that is none', (text: string) => text.replace(/sha256:a{64}/, 'latest')],
    ['with a port that is text', (text: string) => text.replace('"port": 4711', '"port": "4711"')],
    ['without a version', (text: string) => text.replace(/"history": \[[\s\S]*\]/, '"history": []')]
  ])('%s is state-invalid and says what to do', async (_, damage) => {
    await writeState(path, state)
    const text = await readFile(path, 'utf8')
    expect(damage(text)).not.toBe(text)
    await writeFile(path, damage(text))
    await expect(readState(path)).rejects.toMatchObject({
      code: 'state-invalid',
      message: expect.stringContaining('state.json'),
      remedy: expect.stringMatching(/mv .*make deploy/)
    })
  })
})

describe('the history', () => {
  test('has the version put last first, and each digest once', () => {
    const digits = (history: readonly DeployedVersion[]): string =>
      history.map(({ version }) => version.sha[0]).join('')
    expect(digits(withVersion([], deployed('a')))).toBe('a')
    expect(digits(withVersion([deployed('b'), deployed('a')], deployed('c')))).toBe('cba')
    expect(digits(withVersion([deployed('b'), deployed('a')], deployed('a')))).toBe('ab')
  })

  test('has one image under two descriptions twice, so that there is a way back from the second', () => {
    const before = deployed('a')
    const { task } = before.description
    const after = { ...before, description: { ...before.description, task: { ...task, memoryMiB: 1 } } }
    expect(withVersion([before], after)).toEqual([after, before])
  })

  test('ends with the tenth', () => {
    const ten = '0123456789'.split('').map((sha) => deployed(sha))
    expect(withVersion(ten, deployed('a'))).toHaveLength(10)
    expect(withVersion(ten, deployed('a')).at(-1)?.version.sha[0]).toBe('8')
  })
})

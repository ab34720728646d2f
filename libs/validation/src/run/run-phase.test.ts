import { CodedError } from '@fast-mcp/errors'
import { readVersion, type Version } from '@fast-mcp/versioning'
import { describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { inFolder, version } from '../../test/workspace.ts'
import type { Phase, Probe } from '../check.ts'
import { contracts } from '../contract.ts'
import { fileDigest } from '../record/digest.ts'
import type { PhaseRecord } from '../record/phase-record.ts'
import { readRecord, recordPath } from '../record/read-record.ts'
import { runPhase, type RunPhaseOptions } from './run-phase.ts'

const run = promisify(execFile)
const passed: Probe = () => Promise.resolve({ status: 'passed', evidence: 'seen' })
const failed: Probe = () => Promise.resolve({ status: 'failed', evidence: 'not\nseen' })

/** A probe for every check of the phase that applies on this machine, but those that the runner has itself. */
function probesOf(phase: Phase, probe: Probe = passed): Record<string, Probe> {
  return Object.fromEntries(
    contracts[phase]
      .filter(
        (check) => check.targets === undefined && check.id !== 'app.version' && !check.id.endsWith('.input')
      )
      .map((check) => [check.id, probe])
  )
}

async function phase(
  workspace: string,
  options: Partial<RunPhaseOptions> = {}
): Promise<{ readonly record: PhaseRecord | undefined; readonly error: unknown; readonly text: string }> {
  let text = ''
  const which = options.phase ?? 'catalog'
  const result = await runPhase({
    workspace,
    phase: which,
    target: 'local',
    version,
    inputs: [],
    outputs: [],
    probes: probesOf(which),
    json: false,
    signal: new AbortController().signal,
    terminal: { write: (part) => (text += part) },
    ...options
  }).then(
    (record) => ({ record, error: undefined }),
    (error: unknown) => ({ record: undefined, error })
  )
  return { ...result, text }
}

async function passedRecord(
  workspace: string,
  which: Phase,
  of: Version = version,
  target = 'local'
): Promise<void> {
  const now = new Date().toISOString()
  await mkdir(dirname(recordPath(workspace, which)), { recursive: true })
  await writeFile(
    recordPath(workspace, which),
    JSON.stringify({
      format: 1,
      phase: which,
      target,
      version: of,
      startedAt: now,
      finishedAt: now,
      durationMs: 1,
      passed: true,
      inputs: [],
      outputs: [],
      checks: []
    })
  )
}

describe('a phase whose checks pass', () => {
  test('writes its record and returns it', () =>
    inFolder(async (workspace) => {
      await passedRecord(workspace, 'build')
      await writeFile(join(workspace, 'made'), 'made')
      const details: Record<string, unknown> = {}
      const output = {
        name: 'made',
        kind: 'file' as const,
        location: 'made',
        digest: await fileDigest(join(workspace, 'made'))
      }
      const { record, text } = await phase(workspace, {
        inputs: [output],
        outputs: () => Promise.resolve([output]),
        details,
        probes: {
          ...probesOf('catalog'),
          'catalog.run': () => {
            details['readyMs'] = 5
            return Promise.resolve({ status: 'passed', evidence: 'runs' })
          }
        }
      })
      expect(record).toMatchObject({
        format: 1,
        phase: 'catalog',
        target: 'local',
        version,
        passed: true,
        inputs: [output],
        outputs: [output],
        details: { readyMs: 5 }
      })
      expect(await readRecord(workspace, 'catalog')).toEqual(record)
      expect(record?.checks.map((row) => row.id)).toEqual(contracts.catalog.map((check) => check.id))
      expect(await readdir(join(workspace, 'dist', 'phases'))).toEqual(['build.json', 'catalog.json'])
      expect(text).toMatch(/^phase catalog 1a2b3c4, target local\n/)
      expect(text).toContain('  ✓ catalog.push  The push completes: seen')
      expect(text).toContain('  – catalog.login  Login to ECR succeeds: not applicable on target local\n')
      expect(text).toMatch(/ {2}10 passed, 0 failed, 3 not applicable in \d+ ms\n$/)
    }))

  test('says that the phase before passed for this commit', () =>
    inFolder(async (workspace) => {
      await passedRecord(workspace, 'build')
      const { record } = await phase(workspace)
      expect(record?.checks[0]).toMatchObject({
        id: 'catalog.input',
        status: 'passed',
        evidence: expect.stringMatching(/^phase build of 1a2b3c4 passed at/)
      })
    }))

  test('prints nothing but its record with json', () =>
    inFolder(async (workspace) => {
      await passedRecord(workspace, 'build')
      const { record, text } = await phase(workspace, { json: true })
      expect(JSON.parse(text)).toEqual(record)
      expect(text.trimEnd()).not.toContain('\n')
    }))
})

describe('a phase with a check that fails', () => {
  test('writes a record that says so, names the checks and what to do, and has no outputs', () =>
    inFolder(async (workspace) => {
      await passedRecord(workspace, 'build')
      const outputs = (): Promise<never> => Promise.reject(new Error('must not be asked'))
      const probes = { ...probesOf('catalog'), 'catalog.manifest': failed }
      const { error, text } = await phase(workspace, { outputs, probes })
      expect(error).toMatchObject({
        code: 'check-failed',
        exitCode: 1,
        message: 'phase catalog of 1a2b3c4: 1 of 13 checks failed: catalog.manifest',
        evidence: 'catalog.manifest: not',
        remedy: 'Push again: `npx nx run mcp-server:push`.'
      })
      expect(text).toContain('      not\n      seen\n    what to do: Push again')
      expect(text).toContain('○ catalog.run')
      expect(text).toMatch(/5 passed, 1 failed, 4 not run, 3 not applicable/)
      expect(await readRecord(workspace, 'catalog')).toMatchObject({ passed: false, outputs: [] })
    }))

  test('tries nothing where the record before is missing or of another commit', () =>
    inFolder(async (workspace) => {
      const { error, text } = await phase(workspace)
      expect(error).toMatchObject({ code: 'check-failed', remedy: 'Run `make build` first.' })
      expect(text).toMatch(/0 passed, 1 failed, 9 not run, 3 not applicable/)
      await passedRecord(workspace, 'build', { ...version, fullSha: 'f'.repeat(40) })
      await phase(workspace)
      expect((await readRecord(workspace, 'catalog'))?.checks[0]).toMatchObject({
        status: 'failed',
        evidence: expect.stringContaining('record-of-other-commit')
      })
    }))

  test('on aws, tries nothing where the phase before was for this machine', () =>
    inFolder(async (workspace) => {
      await passedRecord(workspace, 'build')
      await phase(workspace, { target: 'aws' })
      expect((await readRecord(workspace, 'catalog'))?.checks[0]).toMatchObject({
        status: 'failed',
        evidence: 'phase build ran for target local, not aws'
      })
    }))

  test('on aws, a check without a probe has failed', () =>
    inFolder(async (workspace) => {
      await passedRecord(workspace, 'build', version, 'aws')
      await phase(workspace, { target: 'aws' })
      const rows = (await readRecord(workspace, 'catalog'))?.checks
      expect(rows?.find((row) => row.id === 'catalog.credentials')).toMatchObject({ status: 'failed' })
    }))
})

describe('a record of an earlier run', () => {
  test('is gone while the phase runs', () =>
    inFolder(async (workspace) => {
      await passedRecord(workspace, 'build')
      await passedRecord(workspace, 'catalog')
      let during: unknown = 'not looked at'
      const look: Probe = async () => {
        during = await readRecord(workspace, 'catalog')
        return { status: 'passed', evidence: 'looked' }
      }
      await phase(workspace, { probes: { ...probesOf('catalog'), 'catalog.reference': look } })
      expect(during).toBeUndefined()
    }))

  test('is not there after outputs could not be had', () =>
    inFolder(async (workspace) => {
      await passedRecord(workspace, 'build')
      const { error } = await phase(workspace, { outputs: () => Promise.reject(new Error('no digest')) })
      expect(error).toMatchObject({ message: 'no digest' })
      expect(await readRecord(workspace, 'catalog')).toBeUndefined()
    }))
})

test('an interrupted phase leaves a record that did not pass, and throws the reason', () =>
  inFolder(async (workspace) => {
    await passedRecord(workspace, 'build')
    const abort = new AbortController()
    const reason = new CodedError('aborted', 'interrupted by SIGINT', { remedy: 'Again.' })
    const interrupt: Probe = () => {
      abort.abort(reason)
      return new Promise(() => undefined)
    }
    const { error } = await phase(workspace, {
      signal: abort.signal,
      probes: { ...probesOf('catalog'), 'catalog.push': interrupt }
    })
    expect(error).toBe(reason)
    expect(await readRecord(workspace, 'catalog')).toMatchObject({ passed: false })
    expect(JSON.parse(await readFile(recordPath(workspace, 'catalog'), 'utf8'))).toMatchObject({
      outputs: []
    })
  }))

describe('the first phase', () => {
  const repository = async (folder: string): Promise<Version> => {
    const git = (...args: readonly string[]) =>
      run('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args])
    await git('init', '-q')
    await writeFile(join(folder, '.gitignore'), 'dist\n')
    await git('add', '.')
    await git('commit', '-q', '-m', 'one')
    return readVersion(folder)
  }

  test('looks whether the checkout is still the version it started from', () =>
    inFolder(async (folder) => {
      const now = await repository(folder)
      const { record } = await phase(folder, { phase: 'app', version: now })
      expect(record?.checks[0]).toMatchObject({ id: 'app.version', status: 'passed' })

      await writeFile(join(folder, 'new.ts'), '')
      const { error } = await phase(folder, { phase: 'app', version: now })
      expect(error).toMatchObject({ message: expect.stringContaining('checks failed: app.version') })
      expect((await readRecord(folder, 'app'))?.checks[0]?.evidence).toBe(
        `started from ${now.sha}, now ${now.sha}-dirty`
      )
    }))
})

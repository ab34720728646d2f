import { contracts, fileDigest, type Finding } from '@fast-mcp/validation'
import { describe, expect, test } from '@jest/globals'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fixtureMain, inFolder, inRepository, write } from '../../test/workspace.ts'
import { endpointResultPath, serverMain } from '../endpoint/endpoint-result.ts'
import { runEndpoint } from '../endpoint/run-endpoint.ts'
import { appProbes } from './app-probes.ts'
import type { NxOutcome } from './nx-targets.ts'

const signal = new AbortController().signal
const fine: NxOutcome = { failed: [], cache: '6 of 6 tasks from the cache', output: '' }

const results = {
  success: true,
  numTotalTests: 3,
  numPassedTests: 2,
  numFailedTests: 0,
  numPendingTests: 1,
  numRuntimeErrorTestSuites: 0,
  testResults: [
    { name: 'a.test.ts', message: '', assertionResults: [{ status: 'passed', fullName: 'a is a' }] }
  ]
}
const covered = (pct: number | 'Unknown') => ({
  total: { lines: { pct }, statements: { pct: 100 }, functions: { pct: 100 }, branches: { pct: 70 } }
})
const targets = { lint: {}, typecheck: {}, test: {} }

/** A workspace in which every check of the phase passes, but those on the endpoint. */
const good: Readonly<Record<string, unknown>> = {
  'package.json': { type: 'module', workspaces: ['libs/*', 'tools'] },
  'package-lock.json': {},
  'libs/one/package.json': { type: 'module' },
  'libs/one/project.json': { name: 'one', targets },
  'libs/one/jest.config.mjs': '',
  'libs/one/src/index.ts': "export { one } from './one.ts'\n",
  'libs/one/src/one.ts': 'export const one = 1\n',
  'libs/one/src/one.test.ts': "throw new Error('a test must not be imported')\n",
  'libs/one/src/main.ts': "throw new Error('a program must not be imported')\n",
  'tools/package.json': { type: 'module' },
  'tools/project.json': { name: 'tools', targets },
  'tools/jest.config.mjs': '',
  'tools/src/tool.ts': "export { one } from '../../libs/one/src/index.ts'\n",
  [serverMain]: fixtureMain(),
  ...Object.fromEntries(
    ['one', 'tools'].flatMap((name) => [
      [`dist/test/${name}/results.json`, results],
      [`dist/test/${name}/coverage/coverage-summary.json`, covered(91.5)]
    ])
  ),
  'dist/test/mcp-server-integration/results.json': results,
  ...Object.fromEntries(
    ['a/b', 'a/c', 'd/e', 'f/g', 'h/i', 'j/k'].map((name) => [
      `dist/apps/mcp-server/sample/.quilt/named_packages/${name}/latest`,
      'hash'
    ])
  )
}

interface Probed {
  readonly find: (id: string) => Promise<Finding | Error>
  readonly details: Record<string, unknown>
}

async function probing<T>(
  changes: Readonly<Record<string, unknown>>,
  work: (probed: Probed, workspace: string) => Promise<T>,
  { outcome = Promise.resolve(fine), endpoint = false } = {}
): Promise<T> {
  return (endpoint ? inRepository : inFolder)(good, async (workspace) => {
    if (endpoint) await runEndpoint({ workspace, signal, onProgress: () => undefined })
    for (const [name, content] of Object.entries(changes))
      if (content === undefined) await rm(join(workspace, name), { recursive: true })
      else await write(workspace, { [name]: content })
    const details: Record<string, unknown> = {}
    const probes = appProbes({ workspace, targets: outcome, details })
    const find = async (id: string): Promise<Finding | Error> => {
      const probe = probes[id]
      if (probe === undefined) throw new Error(`no probe ${id}`)
      return probe({ signal }).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error))
      )
    }
    return work({ find, details }, workspace)
  })
}

/** What one probe finds after changes; undefined as content deletes a file. */
function finding(
  id: string,
  changes: Readonly<Record<string, unknown>> = {},
  options = {}
): Promise<Finding | Error> {
  return probing(changes, ({ find }) => find(id), options)
}

const failed = (text: string) => ({ status: 'failed', evidence: expect.stringContaining(text) })

test('every check of the phase that applies on this machine has a probe', () =>
  inFolder(good, (workspace) => {
    const probes = appProbes({ workspace, targets: Promise.resolve(fine), details: {} })
    const own = ['app.version', 'app.authentication']
    expect(Object.keys(probes).sort()).toEqual(
      contracts.app
        .map((check) => check.id)
        .filter((id) => !own.includes(id))
        .sort()
    )
    return Promise.resolve()
  }))

describe('a workspace in order', () => {
  test('passes every check on its sources and results', () =>
    probing({}, async ({ find }) => {
      expect(await find('app.inputs')).toEqual({ status: 'passed', evidence: '2 projects' })
      expect(await find('app.lint')).toEqual({
        status: 'passed',
        evidence: '2 projects; 6 of 6 tasks from the cache'
      })
      expect(await find('app.typecheck')).toMatchObject({ status: 'passed' })
      expect(await find('app.unit-tests')).toEqual({
        status: 'passed',
        evidence: '4 tests passed in 2 suite(s), 2 skipped'
      })
      expect(await find('app.coverage')).toEqual({
        status: 'passed',
        evidence: 'lines: one 91.5 %, tools 91.5 %'
      })
      expect(await find('app.integration-tests')).toMatchObject({ status: 'passed' })
      expect(await find('app.imports')).toEqual({ status: 'passed', evidence: '3 modules' })
      expect(await find('app.import-cycles')).toEqual({ status: 'passed', evidence: '5 files' })
      expect(await find('app.output')).toMatchObject({ status: 'passed' })
    }))

  test('passes every check on its endpoint but for the real packages it has not, and gives the report its details', () =>
    probing(
      { 'dist/apps/mcp-server/sample/.quilt/named_packages/a': undefined },
      async ({ find, details }) => {
        for (const id of ['startup', 'default-address', 'endpoint', 'json-rpc', 'tools-registered', 'tools'])
          expect(await find(`app.${id}`)).toMatchObject({ status: 'passed' })
        expect(await find('app.default-address')).toMatchObject({ evidence: 'http://127.0.0.1:8000/mcp' })
        expect(details).toMatchObject({ readyMs: expect.any(Number), endpoint: { passed: true } })
        expect(await find('app.real-data')).toEqual({
          status: 'failed',
          evidence:
            'the sample registry has 4 packages\npackages_list did not pass\npackage_browse did not pass\nobject_read did not pass'
        })
      },
      { endpoint: true }
    ))
})

describe('sources', () => {
  test.each([
    ['the lock file is missing', { 'package-lock.json': undefined }, 'package-lock.json is not there'],
    ['a jest configuration is missing', { 'tools/jest.config.mjs': undefined }, 'tools/jest.config.mjs'],
    ['a project has no sources', { 'tools/src': undefined }, 'tools/src has no sources']
  ])('%s', async (_, changes, text) => {
    expect(await finding('app.inputs', changes)).toMatchObject(failed(text))
  })

  test('a project.json that is not JSON is named', async () => {
    expect(await finding('app.inputs', { 'tools/project.json': '{' })).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('tools/project.json cannot be read')
    })
  })
})

describe('targets', () => {
  test('that failed are named, and only for their check', async () => {
    const outcome = Promise.resolve({ ...fine, failed: ['one:lint', 'tools:test'] })
    expect(await finding('app.lint', {}, { outcome })).toEqual({
      status: 'failed',
      evidence: 'one:lint failed'
    })
    expect(await finding('app.typecheck', {}, { outcome })).toMatchObject({ status: 'passed' })
  })

  test('that a project does not have are a failure', async () => {
    const changes = { 'tools/project.json': { name: 'tools', targets: { test: {} } } }
    expect(await finding('app.lint', changes)).toMatchObject(failed('tools has no target lint'))
  })

  test('that could not be run fail all checks that read their results', () =>
    probing(
      {},
      async ({ find }) => {
        for (const id of ['lint', 'unit-tests', 'coverage', 'integration-tests', 'startup', 'tools'])
          expect(await find(`app.${id}`)).toMatchObject({ message: 'nx is broken' })
      },
      { outcome: Promise.reject(new Error('nx is broken')) }
    ))
})

describe('test results', () => {
  const one = 'dist/test/one/results.json'
  const broken = { name: 'b.test.ts', message: '\nSyntaxError: x\n  at y', assertionResults: [] }
  const unlucky = {
    name: 'c.test.ts',
    message: 'x',
    assertionResults: [
      { status: 'failed', fullName: 'c is d' },
      { status: 'passed', fullName: 'c is c' }
    ]
  }
  test.each([
    ['are missing', undefined, 'one: no results at'],
    ['are not JSON', '{', 'cannot be read'],
    ['are of another form', {}, 'cannot be read'],
    [
      'have a failed test',
      { ...results, success: false, numFailedTests: 1, testResults: [unlucky] },
      'one: c is d'
    ],
    [
      'have a file that does not run',
      { ...results, success: false, numRuntimeErrorTestSuites: 1, testResults: [broken] },
      'one: b.test.ts: SyntaxError: x'
    ],
    ['have no tests', { ...results, numTotalTests: 0, numPassedTests: 0 }, 'it has no tests'],
    ['have skipped tests only', { ...results, numPassedTests: 0 }, 'none of its tests was run'],
    ['say failure without a failed test', { ...results, success: false }, 'jest reports a failure']
  ])('that %s fail', async (_, content, text) => {
    expect(await finding('app.unit-tests', { [one]: content })).toMatchObject(failed(text))
  })

  test('of the integration tests are asked for, too', async () => {
    const changes = { 'dist/test/mcp-server-integration': undefined }
    expect(await finding('app.integration-tests', changes)).toMatchObject(
      failed('mcp-server-integration: no results')
    )
  })
})

describe('coverage', () => {
  const summary = 'dist/test/one/coverage/coverage-summary.json'
  test.each([
    ['is missing', undefined, 'one: no results at'],
    ['is below the bound', covered(84.99), 'one: 84.99 % of lines, expected 85 %'],
    ['is of another form', { total: {} }, 'cannot be read']
  ])('that %s fails', async (_, content, text) => {
    expect(await finding('app.coverage', { [summary]: content })).toMatchObject(failed(text))
  })

  test('passes at the bound, and where there is nothing to cover', async () => {
    expect(await finding('app.coverage', { [summary]: covered(85) })).toMatchObject({ status: 'passed' })
    expect(await finding('app.coverage', { [summary]: covered('Unknown') })).toMatchObject({
      status: 'passed'
    })
  })
})

describe('imports', () => {
  test.each([
    ['that throw', "throw new Error('no config')\n", 'libs/one/src/one.ts: no config'],
    ['that lead nowhere', "import './gone.ts'\n", 'libs/one/src/index.ts: Cannot find module'],
    ['that are not TypeScript', 'export const = 1\n', 'libs/one/src/one.ts: ']
  ])('%s fail', async (_, content, text) => {
    expect(await finding('app.imports', { 'libs/one/src/one.ts': content })).toMatchObject(failed(text))
  })

  test('that end the process fail', async () => {
    const found = await finding('app.imports', {
      'libs/one/src/one.ts': "console.error('bye')\nprocess.exit(3)\n"
    })
    expect(found).toMatchObject({ message: 'a module ended the process that imports them all: bye\n' })
  })

  test('in a circle fail', async () => {
    const changes = { 'libs/one/src/one.ts': "import './index.ts'\nexport const one = 1\n" }
    expect(await finding('app.import-cycles', changes)).toEqual({
      status: 'failed',
      evidence: 'libs/one/src/index.ts -> libs/one/src/one.ts -> libs/one/src/index.ts'
    })
  })
})

describe('the endpoint', () => {
  const server = { location: serverMain, digest: `sha256:${'0'.repeat(64)}`, revision: 'a' }
  const result = { format: 1, passed: false, server, defaults: { host: '', port: '9000' }, log: 'the log' }

  test('that was not tested fails', async () => {
    expect(await finding('app.startup')).toMatchObject({ message: expect.stringContaining('was not tested') })
  })

  test('of another build fails', async () => {
    expect(await finding('app.tools', { [endpointResultPath]: result })).toMatchObject({
      message: expect.stringContaining('is not the server that was tested')
    })
  })

  test('that never was ready fails, with its log', () => {
    const outcome = Promise.withResolvers<NxOutcome>()
    return probing(
      {},
      async ({ find }, workspace) => {
        const digest = await fileDigest(join(workspace, serverMain))
        const bad = { ...result, server: { ...server, digest }, startupFailure: 'ended with 7' }
        await write(workspace, { [endpointResultPath]: bad })
        outcome.resolve(fine)
        expect(await find('app.startup')).toEqual({ status: 'failed', evidence: 'ended with 7\nthe log' })
        expect(await find('app.default-address')).toMatchObject(failed('HOST is not named, PORT 9000'))
        expect(await find('app.endpoint')).toMatchObject(failed('did not come that far'))
        expect(await find('app.tools-registered')).toMatchObject(failed('did not come that far'))
        expect(await find('app.tools')).toMatchObject(failed('did not come that far'))
      },
      { outcome: outcome.promise }
    )
  })
})

test('without a built server there is no output', async () => {
  expect(await finding('app.output', { [serverMain]: undefined })).toMatchObject(
    failed('main.js is not there')
  )
  const changes = { 'dist/apps/mcp-server/sample': undefined }
  expect(await finding('app.output', changes)).toMatchObject(failed('sample is not there'))
})

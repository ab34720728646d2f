import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startBuiltServer, type BuiltServer } from '../built-server.ts'
import { startServer } from '../server.ts'
import { fixtureMethods } from './methods.ts'
import { requiredScenarios, runSuite } from './run-suite.ts'

test.each(['2025-11-25', '2026-07-28'])(
  'every scenario that %s requires of a server passes, with no failure expected',
  async (revision) => {
    await using server = await startServer({ sessionMode: 'auto' }, [], fixtureMethods)
    const checks = await runSuite(`${server.url}/mcp`, ['--requirements', revision])
    const required = new Set(await requiredScenarios(revision))
    expect(required.size).toBeGreaterThan(20)
    const counted = checks.filter(({ scenario }) => required.has(scenario))
    expect(new Set(counted.map(({ scenario }) => scenario))).toEqual(required)
    expect(counted.filter(({ status }) => status === 'FAILURE' || status === 'WARNING')).toEqual([])
    const passed = counted.filter(({ status }) => status === 'SUCCESS').length
    process.stdout.write(
      `${revision}: ${String(passed)} checks of ${String(required.size)} scenarios passed\n`
    )
    // beyond what is required everything passes but extensions, which this server does not have
    const rest = checks.filter(({ scenario, status }) => !required.has(scenario) && status === 'FAILURE')
    expect(rest.filter(({ scenario }) => !scenario.startsWith('tasks-'))).toEqual([])
  }
)

// What needs nothing that only a fixture has.
const forAnyServer = [
  ...['server-initialize', 'logging-set-level', 'ping', 'tools-list', 'resources-list', 'prompts-list'].map(
    (scenario) => ['2025-11-25', scenario] as const
  ),
  ...[
    'server-stateless',
    'tools-list',
    'resources-list',
    'prompts-list',
    'caching',
    'http-header-validation'
  ].map((scenario) => ['2026-07-28', scenario] as const),
  ['2025-11-25', 'dns-rebinding-protection'] as const,
  ['2026-07-28', 'dns-rebinding-protection'] as const,
  ['2026-07-28', 'sep-2164-resource-not-found'] as const
]

describe('the product itself passes', () => {
  let server: BuiltServer

  beforeAll(async () => {
    server = await startBuiltServer()
  })

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  test.each(forAnyServer)('in %s: %s', async (revision, scenario) => {
    const checks = await runSuite(`${server.url}/mcp`, ['--spec-version', revision, '--scenario', scenario])
    const failed = checks.filter(({ status }) => status === 'FAILURE')
    // some checks of a scenario look for tools that only a fixture has
    expect(failed.filter(({ problem }) => problem?.startsWith('Not testable') !== true)).toEqual([])
    expect(checks.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(0)
  })
})

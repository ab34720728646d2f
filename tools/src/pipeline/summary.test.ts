import { describe, expect, test } from '@jest/globals'
import type { CheckRow, PhaseRecord } from '@fast-mcp/validation'
import { nothingChanged, summary, type PhaseOutcome } from './summary.ts'

const startedAt = new Date('2026-03-01T12:00:00.000Z')
const now = new Date('2026-03-01T12:00:42.500Z')

function row(status: CheckRow['status']): CheckRow {
  return { id: `app.${status}`, title: status, status, evidence: 'seen', durationMs: 1 }
}

function record(changes: Partial<PhaseRecord>): PhaseRecord {
  return {
    format: 1,
    phase: 'app',
    target: 'local',
    version: {
      sha: '1a2b3c4',
      fullSha: '1a2b3c4'.padEnd(40, '0'),
      dirty: false,
      committedAt: '2026-03-01T11:00:00Z'
    },
    startedAt: '2026-03-01T12:00:01.000Z',
    finishedAt: '2026-03-01T12:00:03.000Z',
    durationMs: 2000,
    passed: true,
    inputs: [],
    outputs: [],
    checks: [row('passed')],
    ...changes
  }
}

/** The outcome of a phase that had no record, or this one, when the run began. */
function outcome(phase: PhaseOutcome['phase'], record?: PhaseRecord, before?: PhaseRecord): PhaseOutcome {
  return { phase, record, before }
}

describe('summary', () => {
  test('shows result, version, checks and time of each phase', () => {
    const checks = [row('passed'), row('passed'), row('not-applicable')]
    expect(summary([outcome('app', record({ checks }))], startedAt, now, true)).toContain(
      '  app      passed  1a2b3c4  2 passed, 1 not applicable  (2.0 s)\n'
    )
  })

  test('shows a failed phase, and the phases that were not reached', () => {
    const failed = record({ passed: false, checks: [row('failed')] })
    const text = summary([outcome('app', failed), outcome('build')], startedAt, now, true)
    expect(text).toContain('FAILED  1a2b3c4  0 passed, 1 failed')
    expect(text).toContain('  build    not reached\n')
    expect(text).toContain('42.5 s in all\n')
  })

  test('says so when every phase stands from an earlier run', () => {
    const old = record({ startedAt: '2026-03-01T11:00:00.000Z', finishedAt: '2026-03-01T11:00:05.000Z' })
    const text = summary([outcome('app', old, old)], startedAt, now, true)
    expect(text).toContain('unchanged since 2026-03-01T11:00:05.000Z')
    expect(text).toContain('nothing changed, nothing was done again\n')
  })

  test('of a run that failed before a phase was reached says so, and names no endpoint', () => {
    const outputs = [
      { name: 'endpoint', kind: 'endpoint', location: 'https://localhost:8443/mcp', digest: 'sha256:0' }
    ] as const
    const old = record({ phase: 'deploy', outputs, startedAt: '2026-03-01T11:00:00.000Z' })
    const text = summary([outcome('deploy', old, old)], startedAt, now, false)
    expect(text).toContain('42.5 s in all; FAILED, see above\n')
    expect(text).not.toMatch(/Live|nothing changed/)
  })

  test('names the endpoint that is live', () => {
    const outputs = [
      { name: 'endpoint', kind: 'endpoint', location: 'https://localhost:8443/mcp', digest: 'sha256:0' }
    ] as const
    const live = summary([outcome('deploy', record({ phase: 'deploy', outputs }))], startedAt, now, true)
    expect(live).toContain('Live: https://localhost:8443/mcp')
    const down = record({ phase: 'deploy', outputs, passed: false })
    expect(summary([outcome('deploy', down)], startedAt, now, true)).not.toContain('Live:')
  })
})

describe('a run that changed nothing', () => {
  const old = record({ startedAt: '2026-03-01T11:00:00.000Z' })
  const task = (name: string) => ({ name, what: 'task', where: '127.0.0.1:4000', state: 'healthy' })
  const live = (startedAt: string, name: string) =>
    record({ phase: 'deploy', startedAt, details: { running: [task(name)] } })

  test('found the same tasks live, though it made the checks of what is live again', () => {
    const before = live('2026-03-01T11:00:10.000Z', 'a')
    const outcomes = [
      outcome('app', old, old),
      outcome('deploy', live('2026-03-01T12:00:05.000Z', 'a'), before)
    ]
    expect(nothingChanged(outcomes, startedAt)).toBe(true)
    expect(summary(outcomes, startedAt, now, true)).toContain('but the checks of what is live')
  })

  test.each([
    ['put another task in its place', live('2026-03-01T11:00:10.000Z', 'b')],
    ['found nothing live before', undefined]
  ])('is not one that %s', (_, before) => {
    const outcomes = [outcome('deploy', live('2026-03-01T12:00:05.000Z', 'a'), before)]
    expect(nothingChanged(outcomes, startedAt)).toBe(false)
  })

  test.each([
    ['2026-03-01T12:00:04.000Z', false],
    ['2026-03-01T11:59:00.000Z', true]
  ])('is one before which something was started again at %s: %s', (changedAt, expected) => {
    const running = [task('a')]
    const before = record({ phase: 'deploy', startedAt: '2026-03-01T11:00:10.000Z', details: { running } })
    const after = record({ phase: 'deploy', details: { running, changedAt } })
    const outcomes = [outcome('deploy', after, before)]
    expect(nothingChanged(outcomes, startedAt)).toBe(expected)
    expect(summary(outcomes, startedAt, now, true).includes('nothing changed')).toBe(expected)
  })

  test('is not one that went through a phase again, or failed', () => {
    expect(nothingChanged([outcome('app', record({}), old)], startedAt)).toBe(false)
    const failed = record({ passed: false })
    expect(nothingChanged([outcome('app', failed, failed)], startedAt)).toBe(false)
  })
})

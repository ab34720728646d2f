import { CodedError } from '@fast-mcp/errors'
import { describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Check, Finding, Probe } from '../check.ts'
import type { CheckRow } from '../record/phase-record.ts'
import { runChecks, type RunChecksOptions } from './run-checks.ts'

function check(id: string, more: Partial<Check> = {}): Check {
  return {
    id,
    phase: 'app',
    title: `Title of ${id}`,
    requirement: 'It must. [Section]',
    how: 'Looks.',
    remedy: `Mend ${id}.`,
    timeLimitMs: 5000,
    ...more
  }
}

const passed: Probe = () => Promise.resolve({ status: 'passed', evidence: 'seen' })
const failed: Probe = () => Promise.resolve({ status: 'failed', evidence: 'not seen' })

function run(
  checks: readonly Check[],
  probes: Record<string, Probe>,
  more: Partial<RunChecksOptions> = {}
): Promise<readonly CheckRow[]> {
  return runChecks({
    checks,
    probes,
    target: 'local',
    signal: new AbortController().signal,
    onRow: () => undefined,
    ...more
  })
}

describe('a check', () => {
  test('passes with the evidence of its probe and no remedy', async () => {
    expect(await run([check('a')], { a: passed })).toEqual([
      { id: 'a', title: 'Title of a', status: 'passed', evidence: 'seen', durationMs: expect.any(Number) }
    ])
  })

  test('fails with the evidence of its probe and the remedy of the contract', async () => {
    expect(await run([check('a')], { a: failed })).toMatchObject([
      { status: 'failed', evidence: 'not seen', remedy: 'Mend a.' }
    ])
  })

  test('without a probe has failed', async () => {
    expect(await run([check('a')], {})).toMatchObject([
      { status: 'failed', evidence: expect.stringContaining('no probe') }
    ])
  })

  test('for another target is not applicable, never passed, and its probe is left alone', async () => {
    let asked = false
    const probe: Probe = () => {
      asked = true
      return passed({ signal: new AbortController().signal })
    }
    expect(await run([check('a', { targets: ['aws'] })], { a: probe })).toMatchObject([
      { status: 'not-applicable', evidence: 'not applicable on target local' }
    ])
    expect(asked).toBe(false)
    expect(await run([check('a', { targets: ['aws'] })], { a: probe }, { target: 'aws' })).toMatchObject([
      { status: 'passed' }
    ])
  })

  test('may turn out not to be applicable', async () => {
    const probe: Probe = () => Promise.resolve({ status: 'not-applicable', reason: 'not configured' })
    expect(await run([check('a')], { a: probe })).toMatchObject([
      { status: 'not-applicable', evidence: 'not configured' }
    ])
  })
})

describe('a probe that throws', () => {
  test('has failed, with the stack of an unexpected error', async () => {
    const [row] = await run([check('a')], { a: () => Promise.reject(new Error('broken')) })
    expect(row).toMatchObject({ status: 'failed', remedy: 'Mend a.' })
    expect(row?.evidence).toMatch(/^Error: broken\n.*run-checks\.test/s)
  })

  test('has failed, with message, code, evidence and remedy of a coded error', async () => {
    const error = new CodedError('port-taken', 'port 1 is taken', {
      remedy: 'Free it.',
      evidence: 'by process 2'
    })
    expect(await run([check('a')], { a: () => Promise.reject(error) })).toMatchObject([
      { status: 'failed', evidence: 'port 1 is taken [port-taken]\nby process 2', remedy: 'Free it.' }
    ])
  })

  test('has failed even where it throws before it promises, or throws no error', async () => {
    const thrower: Probe = () => {
      throw new Error('at once')
    }
    const rejecter: Probe = () => Promise.reject('a text')
    const rows = await run([check('a'), check('b')], { a: thrower, b: rejecter })
    expect(rows.map((row) => row.status)).toEqual(['failed', 'failed'])
    expect(rows[1]?.evidence).toBe('a text')
  })
})

describe('time limits', () => {
  test('a probe that takes longer has failed at once, and is told to stop', async () => {
    let told: unknown
    const slow: Probe = async ({ signal }) => {
      signal.addEventListener('abort', () => (told = signal.reason))
      await new Promise(() => undefined)
      return { status: 'passed', evidence: 'never' }
    }
    const [row] = await run([check('a', { timeLimitMs: 30 })], { a: slow })
    expect(row).toMatchObject({ status: 'failed', evidence: 'no result within 0.03 s', remedy: 'Mend a.' })
    expect(row?.durationMs).toBeLessThan(2000)
    expect(told).toMatchObject({ code: 'aborted' })
  })

  test('a probe within its time leaves no timer behind', async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    await run([check('a', { timeLimitMs: 300_000 })], { a: passed })
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(
      before
    )
  })
})

describe('order', () => {
  const waiting =
    (id: string, log: string[], ms: number): Probe =>
    async () => {
      log.push(`${id} starts`)
      await sleep(ms)
      log.push(`${id} ends`)
      return { status: 'passed', evidence: id }
    }

  test('independent checks run side by side', async () => {
    const log: string[] = []
    await run([check('a'), check('b')], { a: waiting('a', log, 40), b: waiting('b', log, 10) })
    expect(log).toEqual(['a starts', 'b starts', 'b ends', 'a ends'])
  })

  test('a check starts when those it comes after have ended, wherever it stands', async () => {
    const log: string[] = []
    const checks = [check('c', { after: ['a', 'b'] }), check('a'), check('b')]
    const rows = await run(checks, {
      a: waiting('a', log, 20),
      b: waiting('b', log, 5),
      c: waiting('c', log, 0)
    })
    expect(log.slice(-2)).toEqual(['c starts', 'c ends'])
    expect(rows.map((row) => row.id)).toEqual(['c', 'a', 'b'])
  })

  test('each row is reported as its check ends', async () => {
    const seen: string[] = []
    const log: string[] = []
    await run(
      [check('a'), check('b')],
      { a: waiting('a', log, 30), b: waiting('b', log, 5) },
      {
        onRow: (row) => seen.push(row.id)
      }
    )
    expect(seen).toEqual(['b', 'a'])
  })

  test('what comes after a failed check is not run, and nothing after that', async () => {
    const checks = [check('a'), check('b', { after: ['a'] }), check('c', { after: ['b'] }), check('d')]
    const rows = await run(checks, { a: failed, b: passed, c: passed, d: passed })
    expect(rows.map((row) => [row.status, row.evidence])).toEqual([
      ['failed', 'not seen'],
      ['not-run', 'comes after a, which did not pass'],
      ['not-run', 'comes after b, which did not pass'],
      ['passed', 'seen']
    ])
  })

  test('what comes after a check that is not applicable is run', async () => {
    const checks = [check('a', { targets: ['aws'] }), check('b', { after: ['a'] })]
    expect((await run(checks, { b: passed })).map((row) => row.status)).toEqual(['not-applicable', 'passed'])
  })

  test.each([
    ['wait for each other', [check('a', { after: ['b'] }), check('b', { after: ['a'] })], 'a, b wait'],
    ['wait for a check that does not exist', [check('a', { after: ['x'] })], 'a wait']
  ])('checks that %s are a fault of the contract', async (_, checks, message) => {
    await expect(run(checks, {})).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining(message)
    })
  })

  test('a probe for a check that does not exist is a fault of the program', async () => {
    await expect(run([check('a')], { a: passed, b: passed })).rejects.toMatchObject({
      code: 'internal',
      message: 'there is no check b; the checks are a'
    })
  })
})

describe('an interrupt', () => {
  test('ends running checks at once and starts no others', async () => {
    const abort = new AbortController()
    const deaf: Probe = () => new Promise<Finding>(() => undefined)
    const running = run(
      [check('a'), check('b', { after: ['a'] }), check('c')],
      { a: deaf, b: passed, c: passed },
      {
        signal: abort.signal,
        onRow: (row) => {
          if (row.id === 'c') abort.abort()
        }
      }
    )
    expect((await running).map((row) => row.status)).toEqual(['not-run', 'not-run', 'passed'])
  })

  test('before the start runs nothing', async () => {
    const rows = await run([check('a')], { a: passed }, { signal: AbortSignal.abort() })
    expect(rows).toMatchObject([{ status: 'not-run', evidence: 'the phase was interrupted' }])
  })
})

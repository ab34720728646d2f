import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { goldenRows } from '../golden.ts'
import { Bench } from './bench.ts'
import { scenarioOutcomes } from './outcomes.ts'

interface Server {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

/** Tests, one for each recorded step, that it gives the same against a server. */
export function testSteps(start: () => Promise<Server>): void {
  let server: Server
  let bench: Bench
  let outcomes: ReturnType<typeof scenarioOutcomes>

  beforeAll(async () => {
    server = await start()
    bench = new Bench(server.endpoint, await mkdtemp(join(tmpdir(), 'scenarios-')))
    outcomes = scenarioOutcomes(bench)
  })
  afterAll(async () => {
    bench.close()
    await server.stop()
    await rm(bench.folder, { recursive: true })
  })

  // Each builds on those before it, so they are not to be run alone.
  test.each(goldenRows('s3_scenarios.json').map((row) => row.text('step')))('%s', async (step) => {
    const { value: outcome } = await outcomes.next()
    if (outcome === undefined) throw new Error('there are fewer outcomes than steps')
    expect(outcome.step).toBe(step)
    if ('skipped' in outcome) expect(outcome.skipped).not.toBe('')
    else expect(outcome.ours).toEqual(outcome.recorded)
  })
}

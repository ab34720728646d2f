import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { goldenRows } from '../../test/golden.ts'
import { S3Server } from '../../test/s3/server.ts'
import { Bench } from '../../test/scenarios/bench.ts'
import { scenarioOutcomes } from '../../test/scenarios/outcomes.ts'

describe('a step recorded with the Python client gives the same result, errors and objects', () => {
  let server: S3Server
  let bench: Bench
  let outcomes: ReturnType<typeof scenarioOutcomes>

  beforeAll(async () => {
    server = await S3Server.start()
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
})

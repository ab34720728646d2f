import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { goldenRows } from '../../test/golden.ts'
import { ensurePython, reportMissing } from '../../test/python/environment.ts'
import { MotoServer } from '../../test/python/processes.ts'
import { Bench } from '../../test/scenarios/bench.ts'
import { scenarioOutcomes } from '../../test/scenarios/outcomes.ts'

const python = await ensurePython()
reportMissing('recorded steps', python)
const suite = 'missing' in python ? describe.skip : describe

suite(
  'a step recorded with the Python client gives the same against the S3 server it was recorded with',
  () => {
    let server: MotoServer
    let bench: Bench
    let outcomes: ReturnType<typeof scenarioOutcomes>

    beforeAll(async () => {
      server = await MotoServer.start('missing' in python ? '' : python.interpreter)
      bench = new Bench(server.endpoint, await mkdtemp(join(tmpdir(), 'scenarios-')))
      outcomes = scenarioOutcomes(bench)
    })
    afterAll(async () => {
      bench.close()
      await server[Symbol.asyncDispose]()
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
)

import { describe } from '@jest/globals'

import { ensurePython, reportMissing } from '../../test/python/environment.ts'
import { MotoServer } from '../../test/python/processes.ts'
import { testSteps } from '../../test/scenarios/take-steps.ts'

const python = await ensurePython()
reportMissing('recorded steps', python)
const suite = 'missing' in python ? describe.skip : describe

suite(
  'a step recorded with the Python client gives the same against the S3 server it was recorded with',
  () => {
    testSteps(async () => {
      const server = await MotoServer.start('missing' in python ? '' : python.interpreter)
      return { endpoint: server.endpoint, stop: async () => await server[Symbol.asyncDispose]() }
    })
  }
)

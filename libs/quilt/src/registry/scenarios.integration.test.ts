import { describe } from '@jest/globals'

import { S3Server } from '../../test/s3/server.ts'
import { testSteps } from '../../test/scenarios/take-steps.ts'

describe('a step recorded with the Python client gives the same result, errors and objects', () => {
  testSteps(() => S3Server.start())
})

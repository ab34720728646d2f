import { expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipelineEnvironment } from '@fast-mcp/validation'
import { parse } from 'yaml'
import { z } from 'zod'

const workflow = z
  .object({
    jobs: z.object({
      full: z.object({
        'timeout-minutes': z.number(),
        env: z.record(z.string(), z.string()),
        steps: z.array(z.looseObject({ with: z.record(z.string(), z.unknown()).optional() }))
      })
    })
  })
  .parse(
    parse(await readFile(join(import.meta.dirname, '../../../../../.github/workflows/pipeline.yml'), 'utf8'))
  )
const { full } = workflow.jobs

test('the workflow passes every variable of the pipeline that says what is deployed', () => {
  // These say how this machine builds, and are no matter of the repository.
  const ofTheMachine = ['BASE_IMAGE', 'CONTAINER_ENGINE', 'LOCAL_HTTPS_PORT']
  const expected = Object.keys(pipelineEnvironment.shape).filter((name) => !ofTheMachine.includes(name))
  expect(Object.keys(full.env).toSorted()).toEqual(expected.toSorted())
  for (const [name, value] of Object.entries(full.env)) expect(value).toBe(`\${{ vars.${name} }}`)
})

test('the session of its role is as long as the job may take', () => {
  const seconds = full.steps.flatMap((step) => step.with?.['role-duration-seconds'] ?? [])
  expect(seconds).toEqual([full['timeout-minutes'] * 60])
})

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { attempt } from '../../../test/faults/attempt.ts'
import { faults } from '../../../test/faults/faults.ts'
import { Random } from '../../../test/faults/random.ts'
import { World } from '../../../test/faults/world.ts'

let world: World
const random = new Random(20260102)

beforeAll(async () => {
  world = await World.create()
})

afterAll(async () => {
  await world.end()
})

/* One workspace that is hit by everything; infra:faults does the same in a random order, many times. */
describe('the pipeline completes or says what to do, and leaves nothing behind, after', () => {
  test.each(faults.map((fault) => [fault.name, fault] as const))('%s', async (name, fault) => {
    if (fault.needsMount === true && !world.isMounted) {
      console.log(`${name}: not tried, since only root may make the file system it takes`)
      return
    }
    expect(await attempt(world, fault, random)).toMatchObject({ name, violations: [] })
  })
})

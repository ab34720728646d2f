import { expect, test } from '@jest/globals'

import { Pace } from './pace.ts'
import { sortInTurns } from './sort-in-turns.ts'

test.each([0, 1, 2, 1023, 1024, 1025, 2048, 5000])(
  '%i items are sorted, equal ones as they came',
  async (count) => {
    const items = Array.from({ length: count }, (_, index) => ({ value: (index * 7919) % 101, index }))
    const compare = (a: { value: number }, b: { value: number }): number => a.value - b.value
    expect(await sortInTurns(items, compare, new Pace())).toEqual(items.toSorted(compare))
  }
)

test('the event loop has turns meanwhile', async () => {
  let turns = 0
  const count = setInterval(() => turns++, 0)
  const items = Array.from({ length: 30_000 }, (_, index) => ({ value: (index * 7919) % 30_011 }))
  const sorted = await sortInTurns(items, (a, b) => a.value - b.value, new Pace())
  clearInterval(count)
  expect(sorted[29_999]?.value).toBe(30_010)
  expect(turns).toBeGreaterThan(3)
})

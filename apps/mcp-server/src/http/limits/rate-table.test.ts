import { expect, test } from '@jest/globals'
import { rateTable } from './rate-table.ts'

test('twice the rate may come at once, then the rate, and whoever is refused hears when to come back', () => {
  const table = rateTable({ perSecond: 2, max: 10 })
  expect(Array.from({ length: 5 }, () => table.take('a', 0))).toEqual([0, 0, 0, 0, 1])
  expect([table.take('a', 500), table.take('a', 500)]).toEqual([0, 1])
  expect(table.take('b', 500)).toBe(0)
})

test('a key that rests gets back all it may have, and no more', () => {
  const table = rateTable({ perSecond: 1, max: 10 })
  expect([table.take('a', 0), table.take('a', 0), table.take('a', 0)]).toEqual([0, 0, 1])
  expect([table.take('a', 1e6), table.take('a', 1e6), table.take('a', 1e6)]).toEqual([0, 0, 1])
})

test('memory is bounded, and a key in use is kept while others come and go', () => {
  const table = rateTable({ perSecond: 1, max: 100 })
  table.take('busy', 0)
  table.take('busy', 0)
  for (let index = 0; index < 10_000; index++) {
    table.take(`other ${String(index)}`, 0)
    if (index % 20 === 0) expect(table.take('busy', 0)).toBe(1)
  }
  expect(table.size).toBeLessThanOrEqual(100)
})

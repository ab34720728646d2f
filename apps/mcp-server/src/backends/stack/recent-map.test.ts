import { expect, test } from '@jest/globals'
import { RecentMap } from './recent-map.ts'

test('a recent map forgets what was used longest ago', () => {
  const map = new RecentMap<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3])
  map.delete('a', 7)
  expect(map.get('a')).toBe(1)
  map.delete('a', 1)
  expect([...map.values()]).toEqual([3])
})

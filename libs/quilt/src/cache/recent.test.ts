import { expect, test } from '@jest/globals'
import { Recent } from './recent.ts'

test('the values used most recently are kept, up to a number of bytes', () => {
  const recent = new Recent<number>(10)
  recent.set('a', 1, 4)
  recent.set('b', 2, 4)
  expect(recent.get('a')).toBe(1)
  recent.set('c', 3, 4)
  expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3])
  recent.set('c', 4, 6)
  expect([recent.get('a'), recent.get('c')]).toEqual([1, 4])
  recent.set('huge', 5, 11)
  expect([recent.get('a'), recent.get('c'), recent.get('huge')]).toEqual([1, 4, undefined])
})

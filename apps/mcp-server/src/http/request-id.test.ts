import { expect, test } from '@jest/globals'
import { requestIds } from './request-id.ts'

test('a harmless id of the client is kept', () => {
  expect(requestIds()('Root=1-67891233-abcdef012345678912345678')).toBe(
    'Root=1-67891233-abcdef012345678912345678'
  )
})

test.each([undefined, '', 'a b', 'x'.repeat(129), '"quoted"', 'line\nbreak', ['a', 'b']])(
  'instead of %j a new one is made, unlike any other',
  (given) => {
    const next = requestIds()
    const other = requestIds()
    expect(new Set([next(given), next(given), other(given)]).size).toBe(3)
    expect(next(given)).toMatch(/^[\w.-]{8,20}$/)
  }
)

import { describe, expect, test } from '@jest/globals'
import { accepts } from './readiness.ts'

describe('accepts', () => {
  test.each([
    ['200', 200, true],
    ['200', 204, false],
    ['200-299', 204, true],
    ['200-299', 300, false],
    ['200,204', 204, true],
    ['200,300-302', 301, true],
    ['200,300-302', 250, false]
  ])('codes %s, status %d: %s', (codes, status, expected) => {
    expect(accepts(codes, status)).toBe(expected)
  })
})

import { expect, test } from '@jest/globals'

import { compilePattern } from './python-pattern.ts'

test('a search that would never end is ended', () => {
  const pattern = compilePattern('^(a+)+$')
  expect(() => pattern.search(`${'a'.repeat(60)}!`)).toThrow(
    expect.objectContaining({ code: 'workflow-failed' })
  )
  expect(pattern.search('aaa')).toBe(true)
})

import { describe, expect, test } from '@jest/globals'
import { catalogue } from './catalogue.ts'

describe('the catalogue of errors', () => {
  test.each(Object.entries(catalogue))('%s is a word a reader can look up', (code, { means, exitCode }) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(means).toMatch(/^[A-Z].*\.$/)
    expect([1, 2, 3]).toContain(exitCode)
  })
})

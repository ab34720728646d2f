import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { describeIssues } from './issues.ts'

function issues(schema: z.ZodType, value: unknown): string {
  const { error } = schema.safeParse(value)
  return describeIssues(error?.issues ?? [])
}

test('every issue has its path', () => {
  const said = issues(z.object({ a: z.object({ b: z.string() }), c: z.number() }), { a: { b: 1 }, c: '' })
  expect(said).toMatch(/^a\.b: .*; c: /)
})

test('five are shown, the others counted', () => {
  const shape = Object.fromEntries('abcdefg'.split('').map((key) => [key, z.string()]))
  expect(issues(z.object(shape), {})).toMatch(/; and 2 more$/)
})

test('a long one is cut', () => {
  expect(issues(z.strictObject({}), { ['k'.repeat(100_000)]: 1 }).length).toBeLessThanOrEqual(200)
})

import { expect, test } from '@jest/globals'
import { checkWords } from './admin.ts'

test.each([
  ['a check that is over', ['L7OK', '200', ''], 'L7OK 200'],
  ['the last check while the next one runs', ['* L7OK', '0', ''], 'L7OK'],
  ['a check that found nobody', ['L4CON', '', 'Connection refused'], 'L4CON Connection refused']
] as const)('%s in words', (_, [status, code, last], words) => {
  expect(checkWords(status, code, last)).toBe(words)
})

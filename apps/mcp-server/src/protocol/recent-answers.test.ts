import { expect, test } from '@jest/globals'
import { localPrincipal, type Principal } from '../principal.ts'
import { RecentAnswers } from './recent-answers.ts'

const other: Principal = { id: 'other', scopes: new Set(['read']), token: undefined }

function counting(): {
  readonly answers: RecentAnswers
  pass(milliseconds: number): void
  ask(principal?: Principal, name?: string): Promise<string | undefined>
} {
  let now = 0
  let made = 0
  const answers = new RecentAnswers(() => now)
  return {
    answers,
    pass: (milliseconds) => {
      now += milliseconds
    },
    ask: async (principal = localPrincipal, name = '') =>
      (await answers.of(principal, name, () => Promise.resolve({ made: ++made }))).json
  }
}

test('an answer is given again for a second, to the same principal and of the same name alone', async () => {
  const { ask, pass } = counting()
  expect(await ask()).toBe('{"made":1}')
  pass(999)
  expect(await ask()).toBe('{"made":1}')
  expect(await ask(other)).toBe('{"made":2}')
  expect(await ask(localPrincipal, 'next')).toBe('{"made":3}')
  pass(1)
  expect(await ask()).toBe('{"made":4}')
})

test('what was made before a change is forgotten, also when the change came while it was made', async () => {
  const { ask, answers } = counting()
  await ask()
  answers.forget()
  expect(await ask()).toBe('{"made":2}')
  const { promise, resolve } = Promise.withResolvers<object>()
  const slow = answers.of(other, '', () => promise)
  answers.forget()
  resolve({ made: 'before' })
  expect((await slow).json).toBe('{"made":"before"}')
  expect(await ask(other)).toBe('{"made":3}')
})

test('a failure is not kept', async () => {
  const { ask, answers } = counting()
  await expect(answers.of(localPrincipal, '', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await ask()).toBe('{"made":1}')
})

test('of a principal who asks for many pages not all are kept', async () => {
  const { ask } = counting()
  for (let page = 0; page < 21; page++) await ask(localPrincipal, String(page))
  expect(await ask(localPrincipal, '0')).toBe('{"made":22}')
})

import { expect, test } from '@jest/globals'
import type { Principal } from '../principal.ts'
import { rememberTokens } from './remember-tokens.ts'
import { TokenRejected } from './token-verifier.ts'

const principal = (id: string): Principal => ({ id, scopes: new Set(['read']), token: undefined })

/** A check that counts, and a clock that stands still until it is set. */
function fixture(expires: number, max = 10) {
  const state = { checks: 0, now: 0 }
  const verify = rememberTokens(
    (token) => {
      state.checks++
      if (token === 'bad') return Promise.reject(new TokenRejected('no'))
      return Promise.resolve({ principal: principal(token), expires })
    },
    { seconds: 60, max, now: () => state.now }
  )
  return { state, verify }
}

test('a good token is checked once a minute', async () => {
  const { state, verify } = fixture(Infinity)
  expect((await verify('a')).id).toBe('a')
  state.now = 59_999
  await verify('a')
  expect(state.checks).toBe(1)
  state.now = 60_000
  await verify('a')
  expect(state.checks).toBe(2)
})

test('a token ends when it says so, remembered or not', async () => {
  const { state, verify } = fixture(10_000)
  await verify('a')
  state.now = 10_000
  await verify('a')
  expect(state.checks).toBe(2)
})

test('a token that was refused is checked again each time', async () => {
  const { state, verify } = fixture(Infinity)
  await expect(verify('bad')).rejects.toThrow('no')
  await expect(verify('bad')).rejects.toThrow('no')
  expect(state.checks).toBe(2)
})

test('requests that bring one new token at once share a check', async () => {
  const { state, verify } = fixture(Infinity)
  const [first, second] = await Promise.all([verify('a'), verify('a')])
  expect([state.checks, first === second]).toEqual([1, true])
})

test('beyond the bound the oldest is forgotten', async () => {
  const { state, verify } = fixture(Infinity, 2)
  for (const token of ['a', 'b', 'c', 'c', 'b', 'a']) await verify(token)
  expect(state.checks).toBe(4)
})

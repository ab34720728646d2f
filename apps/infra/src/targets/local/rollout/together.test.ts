import { describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { together } from './together.ts'

const never = new AbortController().signal

describe('together', () => {
  test('gives the results in order', async () => {
    const works = [20, 1].map((ms) => async () => {
      await sleep(ms)
      return ms
    })
    expect(await together(never, works)).toEqual([20, 1])
  })

  test('aborts the others where one fails, waits for them, and throws the first failure', async () => {
    let ended = false
    const works = [
      () => Promise.reject(new Error('first')),
      async (signal: AbortSignal) => {
        await sleep(10_000, undefined, { signal }).catch(() => undefined)
        ended = true
        throw new Error('second')
      }
    ]
    await expect(together(never, works)).rejects.toThrow('first')
    expect(ended).toBe(true)
  })

  test('throws the reason of its signal', async () => {
    const abort = new AbortController()
    const work = together(abort.signal, [(signal) => sleep(10_000, undefined, { signal })])
    abort.abort(new Error('interrupted'))
    await expect(work).rejects.toThrow('interrupted')
    await expect(together(abort.signal, [])).rejects.toThrow('interrupted')
  })
})

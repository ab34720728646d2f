import { describe, expect, test } from '@jest/globals'
import { watch } from './watch.ts'

/** What is written until the picture was drawn so many times. */
async function written(pictures: readonly string[], isTTY: boolean): Promise<string> {
  const abort = new AbortController()
  const left = [...pictures]
  let text = ''
  await watch({
    draw: () => {
      const picture = left.shift() ?? ''
      if (left.length === 0) abort.abort()
      return picture === 'damaged' ? Promise.reject(new Error(picture)) : Promise.resolve(picture)
    },
    drawError: (error) => `${String(error)}\n`,
    terminal: { isTTY, write: (part) => (text += part) },
    everyMs: 1,
    signal: abort.signal
  })
  return text
}

/** Takes nothing for a picture. */
function drawError(error: unknown): never {
  throw error
}

describe('watch', () => {
  test('draws in place on a terminal, without leaving old text behind', async () => {
    const text = await written(['long line\nsecond\n', 'line\n'], true)
    expect(text).toBe(
      '\u001B[H\u001B[J\u001B[Hlong line\u001B[K\nsecond\u001B[K\n\u001B[J\u001B[Hline\u001B[K\n\u001B[J'
    )
  })

  test('writes elsewhere only what changed', async () => {
    expect(await written(['a\n', 'a\n', 'b\n'], false)).toBe('a\nb\n')
  })

  test('goes on after something could not be read', async () => {
    expect(await written(['a\n', 'damaged', 'a\n'], false)).toBe('a\nError: damaged\na\n')
  })

  test('ends at once where it is interrupted, and passes on what goes wrong', async () => {
    const signal = AbortSignal.abort()
    await watch({
      draw: () => Promise.reject(new Error('x')),
      drawError,
      terminal: { write: () => true },
      everyMs: 1,
      signal
    })
    const never = new AbortController().signal
    await expect(
      watch({
        draw: () => Promise.reject(new Error('x')),
        drawError,
        terminal: { write: () => true },
        everyMs: 1,
        signal: never
      })
    ).rejects.toThrow('x')
  })
})

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { during, progress } from './live-line.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

const clear = '\r\u001B[K'

describe('lines of progress', () => {
  /** What is written for two lines, the first of which is worked on for 2.5 s. */
  function written(isTTY: boolean): string {
    let text = ''
    const { report, end } = progress({ isTTY, write: (part) => (text += part) })
    report('starting')
    jest.advanceTimersByTime(2500)
    report('started')
    end()
    return text
  }

  test('on a terminal show for how long, where it takes over a second', () => {
    expect(written(true)).toBe(`  starting\n  … 1.0 s${clear}  … 2.0 s${clear}  started\n`)
  })

  test('in a pipe are only the lines', () => {
    expect(written(false)).toBe('  starting\n  started\n')
  })
})

describe('one piece of work', () => {
  async function written(isTTY: boolean): Promise<string> {
    let text = ''
    await during({ isTTY, write: (part) => (text += part) }, 'pushing', (write) => {
      jest.advanceTimersByTime(1100)
      write('pushed\n')
      return Promise.resolve()
    })
    return text
  }

  test('is named with its time on a terminal, below what it writes', async () => {
    expect(await written(true)).toBe(`  … pushing, 1.0 s${clear}pushed\n`)
  })

  test('writes in a pipe what it writes', async () => {
    expect(await written(false)).toBe('pushed\n')
  })
})

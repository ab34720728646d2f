import { expect, jest, test } from '@jest/globals'
import { progress } from './progress.ts'

/** What is written for two lines, the first of which is worked on for 2.5 s. */
function written(isTTY: boolean): string {
  jest.useFakeTimers()
  try {
    let text = ''
    const { report, end } = progress({ isTTY, write: (part) => (text += part) })
    report('starting')
    jest.advanceTimersByTime(2500)
    report('started')
    end()
    return text
  } finally {
    jest.useRealTimers()
  }
}

test('on a terminal a line that takes over a second shows for how long', () => {
  expect(written(true)).toBe(
    '  starting\n\r\u001B[K  … 1.0 s\r\u001B[K  … 2.0 s\r\u001B[K  started\n\r\u001B[K'
  )
})

test('in a pipe there are only the lines', () => {
  expect(written(false)).toBe('  starting\n  started\n')
})

import { describe, expect, test } from '@jest/globals'
import type { CheckRow } from '../record/phase-record.ts'
import { colorsFor, formatDuration, formatRow } from './console.ts'

const plain = colorsFor({ isTTY: false }, {})
const row: CheckRow = {
  id: 'build.size',
  title: 'It is small',
  status: 'passed',
  evidence: '131 MB',
  durationMs: 12
}

describe('a check on the console', () => {
  test('is one line where it passed', () => {
    expect(formatRow(row, plain)).toBe('  ✓ build.size  It is small: 131 MB (12 ms)\n')
  })

  test('is one line whatever the length of its evidence', () => {
    expect(formatRow({ ...row, evidence: `${'x'.repeat(500)}\nmore` }, plain)).toBe(
      `  ✓ build.size  It is small: ${'x'.repeat(159)}… (12 ms)\n`
    )
    expect(formatRow({ ...row, evidence: 'first\nsecond', durationMs: 0 }, plain)).toBe(
      '  ✓ build.size  It is small: first …\n'
    )
  })

  test('says that it is not applicable, or was not run', () => {
    expect(
      formatRow({ ...row, status: 'not-applicable', evidence: 'not applicable on target local' }, plain)
    ).toBe('  – build.size  It is small: not applicable on target local (12 ms)\n')
    expect(formatRow({ ...row, status: 'not-run', evidence: 'comes after a' }, plain)).toBe(
      '  ○ build.size  It is small: not run, comes after a (12 ms)\n'
    )
  })

  test('shows all evidence and the remedy where it failed', () => {
    const failed = formatRow({ ...row, status: 'failed', evidence: 'one\ntwo\n', remedy: 'Mend it.' }, plain)
    expect(failed).toBe(
      '  ✗ build.size  It is small: failed (12 ms)\n      one\n      two\n    what to do: Mend it.\n'
    )
  })
})

describe('colours', () => {
  test.each([
    [true, {}, true],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, {}, false],
    [undefined, { FORCE_COLOR: '1' }, false]
  ])('terminal %p with %p: %p', (isTTY, environment, expected) => {
    expect(colorsFor({ isTTY }, environment).isColorSupported).toBe(expected)
  })
})

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [1000, '1.0 s'],
  [59_940, '59.9 s'],
  [60_000, '1 min 0 s'],
  [185_900, '3 min 5 s']
])('%p ms reads %p', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

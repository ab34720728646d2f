import { expect, test } from '@jest/globals'
import { visible } from './visible.ts'

test.each([
  ['plain ä 日本 😀', 'plain ä 日本 😀'],
  ['line\nbreak', 'line\\u{a}break'],
  ['zero\u200bwidth', 'zero\\u{200b}width'],
  ['\u202eright to left', '\\u{202e}right to left'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
  ['\ud800', '\\u{d800}'],
  ['\u2028', '\\u{2028}']
])('%j is shown as %s', (text, shown) => {
  expect(visible(text)).toBe(shown)
})

test('a long text is cut', () => {
  expect(visible('x'.repeat(1000))).toBe(`${'x'.repeat(199)}…`)
})

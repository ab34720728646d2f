import { describe, expect, test } from '@jest/globals'

import { goldenBytes, Row } from '../../test/golden.ts'
import { isQuiltError } from '../error.ts'
import { parseJson } from '../json/index.ts'
import { compilePattern } from './python-pattern.ts'

const found = (pattern: string, text: string): boolean => compilePattern(pattern).search(text)

describe('a pattern finds what it finds in Python', () => {
  test.each<[string, string[], string[]]>([
    ['^w/(x|y)', ['w/x', 'w/yz'], ['w/z', 'a w/x']],
    ['b$', ['ab', 'ab\n'], ['ba', 'b\n\n', 'b\r']],
    ['b\\Z', ['ab'], ['ab\n']],
    ['\\Ab', ['ba'], ['ab', 'a\nb']],
    ['(?m)^b$', ['a\nb\nc'], ['a\rb\rc']],
    ['a.c', ['abc', 'a\rc', 'a\u2028c', 'a😀c'], ['a\nc']],
    ['(?s)a.c', ['a\nc'], ['ac']],
    ['^\\w+$', ['aé日_9', '٣'], ['a-b', '']],
    ['\\d', ['5', '٣'], ['½', 'a']],
    ['^\\s$', [' ', '\x1c', '\x85', '\u3000'], ['\ufeff', '']],
    ['^[\\s\\d_-]+$', ['1 _-'], ['a']],
    ['^[^\\W\\d]+$', ['aé_'], ['a1']],
    ['[]a]', [']', 'a'], ['[']],
    ['[^]a]', ['b'], [']a']],
    ['[a&&b]', ['&', 'b'], ['c']],
    ['[*-]', ['*', '-'], ['+']],
    ['^[\\b]$', ['\b'], ['b']],
    ['\\bé', ['é', 'a é'], ['aé']],
    ['\\Bé', ['aé'], ['é']],
    ['(?P<a>x|y)(?P=a)', ['xx', 'yy'], ['xy']],
    ['(x)(y)\\2\\1', ['xyyx'], ['xyxy']],
    ['(?:a|b)(?=c)(?!cd)(?<=a)', ['acx'], ['bc', 'acd']],
    ['^a{2}$', ['aa'], ['a', 'aaa']],
    ['^a{,2}$', ['', 'aa'], ['aaa']],
    ['^a{1,}?$', ['aaa'], ['']],
    ['^a{x}{}$', ['a{x}{}'], ['a']],
    ['(?i)ä', ['Ä'], ['a']],
    ['a(?i:b)', ['aB'], ['AB']],
    ['a(?#comment)b', ['ab'], ['acb']],
    ['\\x41\\u00e9\\U0001F600', ['Aé😀'], ['A']],
    ['^\\0\\07\\a\\f\\v$', ['\0\x07\x07\f\v'], ['0']],
    ['a\\/\\-\\.\\"\\é', ['a/-."é'], ['a/-x"é']],
    ['/[/]#~', ['//#~'], ['/']]
  ])('%s', (pattern, hits, misses) => {
    for (const text of hits) expect([text, found(pattern, text)]).toEqual([text, true])
    for (const text of misses) expect([text, found(pattern, text)]).toEqual([text, false])
  })
})

describe('what Python was recorded to do with patterns', () => {
  const recorded = new Row(parseJson(goldenBytes('vectors/python_patterns.json').toString()))
  const texts = recorded.texts('texts')
  const rows = recorded.rows('patterns').map((row) => {
    const theirs = row.textOrNull('found')
    return { pattern: row.text('pattern'), theirs, ours: verdict(row.text('pattern'), theirs?.length ?? 0) }
  })

  /** A digit for every text, null for what is no pattern, undefined for what is not supported. */
  function verdict(pattern: string, count: number): string | null | undefined {
    try {
      const { search } = compilePattern(pattern)
      return texts
        .slice(0, count)
        .map((text) => (search(text) ? '1' : '0'))
        .join('')
    } catch (error) {
      if (!isQuiltError(error, 'workflow-config-invalid')) throw error
      return error.message.endsWith('is not supported') ? undefined : null
    }
  }

  test('is what is done here', () => {
    expect(rows.length).toBeGreaterThan(1500)
    const known = rows.filter(({ ours }) => ours !== undefined)
    expect(known.map(({ pattern, ours }) => ({ pattern, found: ours }))).toEqual(
      known.map(({ pattern, theirs }) => ({ pattern, found: theirs }))
    )
  })

  test('is done but for what is not supported', () => {
    const beyond = rows.filter(({ ours, theirs }) => ours === undefined && theirs !== null)
    const reason = /[*+?}]\+|\(\?\(|\(\?>|\(\?i?x|\\N/
    expect(beyond.filter(({ pattern }) => !reason.test(pattern))).toEqual([])
    expect(beyond.length).toBeLessThan(rows.length / 50)
  })
})

test.each([
  ['a reference in a pattern that never ends', '^(a+)+\\1$', `${'a'.repeat(40)}!`],
  ['a group that is repeated too often', '^(?:(a)|b)*\\1$', 'b'.repeat(200_000)]
])('%s is ended', (_, pattern, text) => {
  expect(() => found(pattern, text)).toThrow(expect.objectContaining({ code: 'workflow-failed' }))
})

test('a pattern that is nested too deeply is refused', () => {
  expect(() => compilePattern('('.repeat(50_000) + ')'.repeat(50_000))).toThrow(
    expect.objectContaining({ code: 'workflow-config-invalid' })
  )
})

test.each([
  '(',
  'a**',
  '[',
  'a\\',
  '\\q',
  '[z-a]',
  '[\\d-z]',
  '\\x4',
  '(?P=none)',
  '(?<a)',
  ')',
  '*',
  '\\1',
  '\\1(a)',
  '(?<=a+)b'
])('%s is not a valid pattern', (pattern) => {
  expect(() => compilePattern(pattern)).toThrow(
    expect.objectContaining({
      code: 'workflow-config-invalid',
      message: expect.stringContaining('is not a valid pattern')
    })
  )
})

test.each(['(?x)a b', '(?>a)', 'a++', '(a)?(?(1)b|c)', '\\N{BULLET}'])(
  '%s is not supported, and said so',
  (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(/not supported/)
  }
)

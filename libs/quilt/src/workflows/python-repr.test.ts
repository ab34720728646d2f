import { expect, test } from '@jest/globals'

import { parseJson } from '../json/index.ts'
import { pythonRepr } from './python-repr.ts'

test.each([
  ['null', 'None'],
  ['true', 'True'],
  [
    '[false, 1, 1.0, -0.0, 1e16, 1e-5, 12345678901234567890]',
    '[False, 1, 1.0, -0.0, 1e+16, 1e-05, 12345678901234567890]'
  ],
  ['[NaN, Infinity, -Infinity]', '[nan, inf, -inf]'],
  ['{"b": {}, "a": []}', "{'b': {}, 'a': []}"],
  ['"it\'s"', '"it\'s"'],
  ['"say \\"hi\\""', '\'say "hi"\''],
  ['"it\'s \\"both\\""', "'it\\'s \"both\"'"],
  ['"\\\\ \\n\\r\\t\\u0000\\u007f\\u00a0\\u00ad é 日"', "'\\\\ \\n\\r\\t\\x00\\x7f\\xa0\\xad é 日'"],
  ['"\\u2028\\ud800\\udbff\\udfff"', "'\\u2028\\ud800\\U0010ffff'"],
  ['"\\ud83d\\ude00"', "'😀'"]
])('%s is shown as Python shows it', (json, repr) => {
  expect(pythonRepr(parseJson(json))).toBe(repr)
})

test('what is too long for a message is cut', () => {
  expect(pythonRepr('x'.repeat(10_000))).toHaveLength(4001)
})

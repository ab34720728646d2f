import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { anyJson } from '../../test/packages.ts'
import { compareCodePoints, compareKeys } from './code-points.ts'
import { fromPlain, toPlain } from './convert.ts'
import { encodeForHash, encodeForManifest } from './encode.ts'
import { pythonEqual } from './equal.ts'
import { maxDepth, maxIntegerDigits, parseJson } from './parse.ts'
import { pythonFloat } from './python-float.ts'
import { isJsonArray, isTruthy, type JsonValue } from './value.ts'

describe('reading JSON', () => {
  test('gives integers and floats as different values', () => {
    expect(parseJson(' [1, 1.0, -0, -0.0, 1e2, 123456789012345678901]\t')).toEqual([
      1n,
      1,
      0n,
      -0,
      100,
      123456789012345678901n
    ])
  })

  test('keeps the order of all keys, and the last value of a repeated one in its first place', () => {
    const value = parseJson('{"b": 1, "10": 2, "9": 3, "__proto__": 4, "b": 5}')
    expect(value instanceof Map && [...value]).toEqual([
      ['b', 5n],
      ['10', 2n],
      ['9', 3n],
      ['__proto__', 4n]
    ])
  })

  test('reads escapes, pairs and halves of pairs', () => {
    expect(parseJson(String.raw`"\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00\ude00"`)).toBe('"\\/\b\f\n\r\té😀\ude00')
  })

  test('reads what Python adds to JSON', () => {
    expect(parseJson('[NaN, Infinity, -Infinity]')).toEqual([NaN, Infinity, -Infinity])
  })

  test.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '[1 2]',
    '01',
    '+1',
    '1.',
    '.5',
    '1e',
    '-',
    '--1',
    '-Infinit',
    'nul',
    'True',
    '"a',
    '"\t"',
    String.raw`"\x"`,
    String.raw`"\u12"`,
    String.raw`"\u 123"`,
    '"a\\',
    '1 2',
    '\ufeff1',
    '\v1',
    '/**/1'
  ])('refuses %j and says where', (text) => {
    expect(() => parseJson(text)).toThrow(
      expect.objectContaining({ code: 'invalid-json', position: expect.any(Number) })
    )
  })

  test('reads integers of as many digits as Python does', () => {
    const longest = '9'.repeat(maxIntegerDigits)
    expect(parseJson(longest)).toBe(BigInt(longest))
    expect(parseJson(`-${longest}`)).toBe(-BigInt(longest))
    expect(() => parseJson(`${longest}9`)).toThrow(expect.objectContaining({ code: 'invalid-json' }))
    expect(parseJson(`${longest}9.0`)).toBe(Infinity)
  })

  test('reads as many levels as the Python client does', () => {
    expect(isJsonArray(parseJson('['.repeat(maxDepth) + ']'.repeat(maxDepth)))).toBe(true)
    const deeper = '{"a":'.repeat(maxDepth + 1)
    expect(() => parseJson(deeper)).toThrow(expect.objectContaining({ code: 'json-too-deep' }))
  })

  test('reads back whatever was written, in both encodings', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(parseJson(encodeForManifest(value))).toEqual(value)
        expect(pythonEqual(parseJson(encodeForHash(value)), value)).toBe(true)
        expect(encodeForHash(parseJson(encodeForHash(value)))).toBe(encodeForHash(value))
      })
    )
  })
})

describe('writing JSON', () => {
  test('for a manifest refuses what Python refuses', () => {
    for (const value of [NaN, Infinity, -Infinity, '\ud800', ['\udc00'], new Map([['\ud800', null]])])
      expect(() => encodeForManifest(value)).toThrow(expect.objectContaining({ code: 'json-not-encodable' }))
  })

  test('for the hash sorts by code point, not by UTF-16 unit', () => {
    const keys: JsonValue = new Map(['😀', '\uffff', '\ue000', 'a', 'A', ''].map((key) => [key, null]))
    expect(encodeForHash(keys)).toBe(
      String.raw`{"":null,"A":null,"a":null,"\ue000":null,"\uffff":null,"\ud83d\ude00":null}`
    )
  })

  test.each([
    [1e16, '1e+16'],
    [1e15, '1000000000000000.0'],
    [1.5e-7, '1.5e-07'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e100, '1e+100'],
    [-0, '-0.0'],
    [0, '0.0'],
    [5e-324, '5e-324'],
    [-1.5, '-1.5']
  ])('prints the float %d as Python does', (value, text) => {
    expect(pythonFloat(value)).toBe(text)
  })
})

describe('the order of strings', () => {
  const anyText = fc
    .array(fc.oneof(fc.nat(0x7f), fc.integer({ min: 0xe000, max: 0x10ffff })), { maxLength: 4 })
    .map((points) => String.fromCodePoint(...points))

  test('is that of their code points', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const points = (text: string): number[] =>
          Array.from(text, (character) => character.codePointAt(0) ?? 0)
        const [x, y] = [points(a), points(b)]
        const at = x.findIndex((point, index) => point !== y[index])
        const expected = at < 0 ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? -1)
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(expected))
      })
    )
    expect(compareCodePoints('\ud83d', '\ud83d\ude00')).toBeLessThan(0)
    expect(compareCodePoints('\ud83dx', '\ud83d\ude00')).toBeLessThan(0)
    expect(compareCodePoints('\ue000', '\ud83d\ude00')).toBeLessThan(0)
  })

  test('is, for keys, part by part', () => {
    expect(['a.b', 'a/b', 'a b', 'a', 'a\0', 'a/a'].sort(compareKeys)).toEqual([
      'a',
      'a/a',
      'a/b',
      'a\0',
      'a b',
      'a.b'
    ])
  })
})

describe('equality', () => {
  test.each([
    ['1', '1.0', true],
    ['1', 'true', true],
    ['0', 'false', true],
    ['1', '"1"', false],
    ['null', 'false', false],
    ['9007199254740993', '9007199254740992.0', false],
    ['[NaN]', '[NaN]', true],
    ['NaN', 'NaN', false],
    ['{"a": 1, "b": [1, 2]}', '{"b": [1.0, 2], "a": true}', true],
    ['{"a": 1}', '{"b": 1}', false],
    ['{"a": 1}', '{"a": 1, "b": 1}', false],
    ['{"a": 1}', '[1]', false],
    ['[1]', '[1, 2]', false],
    ['[]', '{}', false]
  ] as const)('%s == %s is %s, as in Python', (a, b, expected) => {
    expect(pythonEqual(parseJson(a), parseJson(b))).toBe(expected)
    expect(pythonEqual(parseJson(b), parseJson(a))).toBe(expected)
  })

  test('and truth are those of Python', () => {
    const values = [
      'null',
      'false',
      '0',
      '0.0',
      '""',
      '[]',
      '{}',
      'true',
      '1',
      '0.1',
      'NaN',
      '" "',
      '[0]',
      '{"": 0}'
    ]
    expect(values.map((value) => isTruthy(parseJson(value)))).toEqual(values.map((_, index) => index >= 7))
    expect(isTruthy(undefined)).toBe(false)
  })
})

describe('plain values', () => {
  test('become JSON values, and are shown again', () => {
    const plain = { a: [1, 1.5, null, true, 'x'], n: { big: 2n ** 60n }, none: undefined }
    const value = fromPlain(plain)
    expect(encodeForManifest(value)).toBe(
      '{"a": [1, 1.5, null, true, "x"], "n": {"big": 1152921504606846976}}'
    )
    expect(toPlain(value)).toEqual({ a: [1, 1.5, null, true, 'x'], n: { big: '1152921504606846976' } })
    expect(toPlain(parseJson('[NaN, 1.0, {"__proto__": 1}]'))).toEqual([
      'NaN',
      1,
      JSON.parse('{"__proto__": 1}')
    ])
    expect(fromPlain(-0)).toBe(-0)
    expect(fromPlain(new Map([['k', 2 ** 53]]))).toEqual(new Map([['k', 2 ** 53]]))
  })

  test('that JSON cannot hold are refused', () => {
    class Odd {
      readonly x = 1
    }
    for (const value of [() => 1, Symbol('s'), new Odd(), undefined])
      expect(() => fromPlain(value)).toThrow(expect.objectContaining({ code: 'invalid-json' }))
  })
})

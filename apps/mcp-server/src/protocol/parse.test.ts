import { describe, expect, test } from '@jest/globals'
import { parseBody } from './parse.ts'

describe('parseBody', () => {
  test('gives the value of JSON in UTF-8', () => {
    expect(parseBody(Buffer.from('{"a":["ü",1]}'), 8)).toEqual({ a: ['ü', 1] })
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['half an object', Buffer.from('{"a":')],
    ['two values', Buffer.from('{} {}')],
    ['a byte that is not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['UTF-16', Buffer.from('{}', 'utf16le')]
  ])('%s is a parse error', (_, bytes) => {
    expect(() => parseBody(bytes, 8)).toThrow(expect.objectContaining({ code: -32700 }))
  })

  test('nesting up to the limit passes, one level more is an invalid request', () => {
    expect(parseBody(Buffer.from('[{"a":[1]}]'), 3)).toEqual([{ a: [1] }])
    expect(() => parseBody(Buffer.from('[{"a":[[1]]}]'), 3)).toThrow(
      expect.objectContaining({ code: -32600 })
    )
  })

  test('a million open brackets are refused without being parsed', () => {
    expect(() => parseBody(Buffer.from('['.repeat(1_000_000)), 64)).toThrow(
      expect.objectContaining({ code: -32600 })
    )
  })

  test('brackets in strings do not count, behind escaped quotes neither', () => {
    expect(parseBody(Buffer.from('["[[[[\\"[[[[\\\\"]'), 1)).toEqual(['[[[["[[[[\\'])
  })

  test('brackets that close give their level back', () => {
    expect(parseBody(Buffer.from('[[],[],[],{}]'), 2)).toEqual([[], [], [], {}])
  })
})

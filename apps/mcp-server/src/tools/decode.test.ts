import { describe, expect, test } from '@jest/globals'
import { decode } from './decode.ts'

const whole = { isStart: true, isEnd: true }
const text = Buffer.from('aüé€😀z')

describe('decode', () => {
  test('UTF-8 is text, anything else base64', () => {
    expect(decode(text, { encoding: 'auto', ...whole })).toEqual({
      encoding: 'text',
      content: 'aüé€😀z',
      skipped: 0,
      used: text.length
    })
    const binary = Buffer.from([0xff, 0xfe, 0])
    expect(decode(binary, { encoding: 'auto', ...whole })).toEqual({
      encoding: 'base64',
      content: '//4A',
      skipped: 0,
      used: 3
    })
  })

  test('a NUL makes it base64', () => {
    expect(decode(Buffer.from('a\0b'), { encoding: 'auto', ...whole }).encoding).toBe('base64')
  })

  test('base64 is given where it is asked for', () => {
    expect(decode(Buffer.from('abc'), { encoding: 'base64', ...whole })).toMatchObject({ content: 'YWJj' })
  })

  test('text asked for and not there is a failure that says what to do', () => {
    expect(() => decode(Buffer.from([0xff]), { encoding: 'text', ...whole })).toThrow(
      expect.objectContaining({ code: 'not-text', next: expect.stringContaining('base64') })
    )
  })

  test('nothing is text', () => {
    expect(decode(Buffer.alloc(0), { encoding: 'auto', ...whole })).toMatchObject({
      encoding: 'text',
      content: ''
    })
  })

  test('half a character at the end of the file is not text', () => {
    expect(decode(text.subarray(0, 2), { encoding: 'auto', ...whole }).encoding).toBe('base64')
  })

  test('read in pieces of any size, the pieces together are the text', () => {
    for (let size = 4; size <= text.length; size++) {
      let offset = 0
      let read = ''
      while (offset < text.length) {
        const bytes = text.subarray(offset, offset + size)
        const decoded = decode(bytes, {
          encoding: 'text',
          isStart: offset === 0,
          isEnd: offset + bytes.length === text.length
        })
        read += decoded.content
        offset += decoded.skipped + decoded.used
      }
      expect(read).toBe('aüé€😀z')
    }
  })

  test('a range that begins within a character begins after it', () => {
    expect(decode(text.subarray(2), { encoding: 'auto', isStart: false, isEnd: true })).toMatchObject({
      content: 'é€😀z',
      skipped: 1
    })
  })
})

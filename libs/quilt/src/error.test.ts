import { describe, expect, test } from '@jest/globals'
import { catalogue } from './catalogue.ts'
import { fromSystemError, isQuiltError, QuiltError, quoted, throwIfAborted } from './error.ts'
import { checkTopHash, isTopHashPrefix } from './names.ts'
import { checkLimit, decodeCursor, encodeCursor } from './page.ts'

describe('an error', () => {
  test('has the remedy of its code unless it knows better', () => {
    expect(new QuiltError('aborted', 'x').remedy).toBe(catalogue.aborted.remedy)
    expect(new QuiltError('aborted', 'x', { remedy: 'Wait.' }).remedy).toBe('Wait.')
  })

  test('can be given places it did not know, and keeps those it knew', () => {
    const error = new QuiltError('invalid-json', 'x', { line: 3, position: 4 }).at({
      line: 9,
      where: 'f',
      key: 'k'
    })
    expect(error.toJSON()).toEqual({
      code: 'invalid-json',
      message: 'x',
      remedy: catalogue['invalid-json'].remedy,
      line: 3,
      position: 4,
      key: 'k',
      where: 'f'
    })
    expect(isQuiltError(error, 'invalid-json')).toBe(true)
    expect(isQuiltError(error, 'aborted')).toBe(false)
  })

  test('of the file system becomes one of ours', () => {
    const system = (code: string): Error => Object.assign(new Error(code), { code })
    const codes = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'ABORT_ERR', 'EIO']
    expect(codes.map((code) => fromSystemError(system(code), 'f').code)).toEqual([
      'object-not-found',
      'object-not-found',
      'access-denied',
      'access-denied',
      'storage-full',
      'storage-full',
      'aborted',
      'storage-failed'
    ])
    expect(fromSystemError(new QuiltError('conflict', 'x'), 'f')).toMatchObject({
      code: 'conflict',
      where: 'f'
    })
    expect(() => fromSystemError(new TypeError('fault'), 'f')).toThrow(TypeError)
  })

  test('quotes long values only in part', () => {
    expect(quoted('a\n')).toBe(String.raw`"a\n"`)
    expect(quoted('x'.repeat(1000))).toHaveLength(203)
  })

  test('comes with an aborted signal', () => {
    throwIfAborted(undefined)
    throwIfAborted(new AbortController().signal)
    expect(() => throwIfAborted(AbortSignal.abort('why'))).toThrow(
      expect.objectContaining({ code: 'aborted', cause: 'why' })
    )
  })

  test('has a code that says what it means and what to do', () => {
    for (const { means, remedy } of Object.values(catalogue)) {
      expect(means).toMatch(/\.$/)
      expect(remedy).toMatch(/\.$/)
    }
  })
})

describe('pages', () => {
  test('have 1 to 10,000 items', () => {
    checkLimit(1)
    checkLimit(10_000)
    for (const limit of [0, -1, 10_001, 1.5, NaN])
      expect(() => checkLimit(limit)).toThrow(expect.objectContaining({ code: 'invalid-limit' }))
  })

  test('have cursors that hold any text', () => {
    for (const text of ['a', 'é😀', '\ud800', ' ']) expect(decodeCursor(encodeCursor(text))).toBe(text)
    for (const cursor of ['', 'a', '!', 'YQ', `${encodeCursor('a')}=`])
      expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'invalid-cursor' }))
  })
})

test('top hashes have 64 lower-case hexadecimal digits, prefixes 6 to 63 characters', () => {
  checkTopHash('0f'.repeat(32))
  for (const text of ['', '0f', 'x'.repeat(64), '0F'.repeat(32)])
    expect(() => checkTopHash(text)).toThrow(expect.objectContaining({ code: 'invalid-top-hash' }))
  expect(['a'.repeat(5), 'a'.repeat(6), 'a'.repeat(63), 'a'.repeat(64)].map(isTopHashPrefix)).toEqual([
    false,
    true,
    true,
    false
  ])
})

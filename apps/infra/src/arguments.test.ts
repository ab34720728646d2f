import { describe, expect, test } from '@jest/globals'
import { readArguments } from './arguments.ts'

const options = { json: { type: 'boolean' } } as const

describe('readArguments', () => {
  test('gives values and positionals', () => {
    expect(readArguments(['--json', 'abc'], options, 1)).toMatchObject({
      values: { json: true },
      positionals: ['abc']
    })
  })

  test.each([
    [['--jsn'], '--jsn'],
    [['--json=maybe'], '--json'],
    [['abc'], '"abc" is one argument too many']
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args, options)).toThrow(
      expect.objectContaining({ code: 'invalid-arguments', message: expect.stringContaining(message) })
    )
  })
})

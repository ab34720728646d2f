import { describe, expect, test } from '@jest/globals'
import { parseArguments } from './arguments.ts'

describe('parseArguments', () => {
  test.each([
    [[], 'http'],
    [['--stdio'], 'stdio'],
    [['--health'], 'health'],
    [['--version'], 'version'],
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['--stdio', '--help'], 'help']
  ])('%j means %s', (args, command) => {
    expect(parseArguments(args)).toBe(command)
  })

  test('refuses an argument it does not know and names it', () => {
    expect(() => parseArguments(['--port', '1'])).toThrow(
      expect.objectContaining({ code: 'invalid-arguments', message: expect.stringContaining('"--port"') })
    )
  })

  test('refuses two commands at once', () => {
    expect(() => parseArguments(['--stdio', '--health'])).toThrow(
      expect.objectContaining({ code: 'invalid-arguments' })
    )
  })

  test('an object property is no argument', () => {
    expect(() => parseArguments(['constructor'])).toThrow(
      expect.objectContaining({ code: 'invalid-arguments' })
    )
  })
})

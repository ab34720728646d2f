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
    expect(parseArguments(args)).toEqual({ command, environment: {} })
  })

  test('takes the choice of tools, in either spelling', () => {
    const args = [
      '--stdio',
      '--tools',
      'search,object_read',
      '--exclude-tools=catalog',
      '--toolsets',
      'packages'
    ]
    expect(parseArguments([...args, '--read-only'])).toEqual({
      command: 'stdio',
      environment: {
        MCP_TOOLS: 'search,object_read',
        MCP_EXCLUDE_TOOLS: 'catalog',
        MCP_TOOLSETS: 'packages',
        MCP_READ_ONLY: 'true'
      }
    })
  })

  test.each([[['--tools']], [['--tools', '--read-only']], [['--read-only=yes']]])('refuses %j', (args) => {
    expect(() => parseArguments(args)).toThrow(expect.objectContaining({ code: 'invalid-arguments' }))
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

import { describe, expect, test } from '@jest/globals'
import { parseCommand } from './command.ts'

describe('parseCommand', () => {
  test('full runs everything up to the validated deployment', () => {
    expect(parseCommand(['full'])).toMatchObject({
      nx: ['run', 'infra:deploy-test'],
      phases: ['app', 'build', 'catalog', 'deploy']
    })
  })

  test('a phase brings the phases before it', () => {
    expect(parseCommand(['catalog'])).toMatchObject({
      nx: ['run', 'mcp-server:push-test'],
      phases: ['app', 'build', 'catalog']
    })
  })

  test('--only leaves out what is upstream', () => {
    expect(parseCommand(['build', '--only'])).toMatchObject({
      nx: ['run', 'mcp-server:container-test', '--excludeTaskDependencies', '--again'],
      phases: ['build']
    })
  })

  test('--help asks for nothing to be run', () => {
    expect(parseCommand(['--help'])).toBeUndefined()
  })

  test.each([[[]], [['fly']], [['full', 'app']], [['full', '--only']], [['app', '--fast']]])(
    'refuses %j',
    (args) => {
      expect(() => parseCommand(args)).toThrow(expect.objectContaining({ code: 'invalid-arguments' }))
    }
  )
})

import { describe, expect, test } from '@jest/globals'
import { CodedError } from './coded-error.ts'

describe('a coded error', () => {
  test('carries code, message, remedy, evidence and cause', () => {
    const cause = new Error('below')
    const error = new CodedError('port-taken', 'port 8443 is taken', {
      remedy: 'Stop the other program.',
      evidence: 'process 7',
      cause
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'CodedError',
      code: 'port-taken',
      message: 'port 8443 is taken',
      remedy: 'Stop the other program.',
      evidence: 'process 7',
      cause
    })
  })

  test('without a cause has none, not even undefined', () => {
    expect(Object.hasOwn(new CodedError('internal', 'x', { remedy: 'y' }), 'cause')).toBe(false)
  })

  test.each([
    ['check-failed', 1],
    ['invalid-arguments', 2],
    ['not-deployed', 3]
  ] as const)('%s ends a program with %p', (code, exitCode) => {
    expect(new CodedError(code, 'x', { remedy: 'y' }).exitCode).toBe(exitCode)
  })

  test('as JSON is what a script needs, and no stack', () => {
    const error = new CodedError('internal', 'x', { remedy: 'y', cause: new Error('secret') })
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'internal', message: 'x', remedy: 'y' })
    const seen = new CodedError('internal', 'x', { remedy: 'y', evidence: 'z' })
    expect(JSON.parse(JSON.stringify(seen))).toMatchObject({ evidence: 'z' })
  })
})

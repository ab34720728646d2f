import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CodedError } from './coded-error.ts'
import { formatError, program } from './program.ts'

const example = fileURLToPath(new URL('../test/example.ts', import.meta.url))

/** Runs the example; sends it these signals, each once it has written its next line. */
async function run(args: readonly string[], signals: readonly NodeJS.Signals[] = []) {
  const child = spawn(process.execPath, [example, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  const left = [...signals]
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    const signal = left.shift()
    if (signal !== undefined) child.kill(signal)
  })
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code]: unknown[] = await once(child, 'close')
  return { code, stdout, stderr }
}

describe('a program', () => {
  test.each([
    [['nothing'], 0],
    [['number', '0'], 0],
    [['number', '4'], 4]
  ])('that returns %p ends with %p', async (args, code) => {
    expect(await run(args)).toEqual({ code, stdout: '', stderr: '' })
  })

  test('that throws a coded error ends with its exit code and says what to do', async () => {
    expect(await run(['coded'])).toEqual({
      code: 3,
      stdout: '',
      stderr: 'error: nothing is deployed [not-deployed]\n    one\n    two\n  what to do: Deploy.\n'
    })
  })

  test('that throws a coded error with --json prints it as one object', async () => {
    const { code, stderr } = await run(['coded', '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'not-deployed',
        message: 'nothing is deployed',
        remedy: 'Deploy.',
        evidence: 'one\ntwo\n'
      }
    })
  })

  test('that meets a full disk says what to do', async () => {
    const { code, stderr } = await run(['disk-full'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/no room left to write: ENOSPC: .*\[disk-full\]\n {2}what to do: Make room/)
  })

  test('with a fault of its own ends with 1 and a stack', async () => {
    const { code, stderr } = await run(['fault'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^TypeError: a fault\n {4}at /)
  })

  test('that throws no error ends with 1 all the same', async () => {
    expect(await run(['text'])).toMatchObject({ code: 1, stderr: 'a text\n' })
    const { stderr } = await run(['fault', '--json'])
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'internal', message: 'a fault', remedy: 'Report it.' }
    })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'interrupted by %s stops its work and ends with 130',
    async (signal) => {
      const { code, stdout, stderr } = await run(['wait'], [signal])
      expect(code).toBe(130)
      expect(stdout).toBe('waiting\naborted\n')
      expect(stderr).toContain(`error: interrupted by ${signal} [aborted]`)
    }
  )

  test('that does not hear the first interrupt is ended by the second', async () => {
    expect(await run(['deaf'], ['SIGINT', 'SIGINT'])).toEqual({
      code: 130,
      stdout: 'waiting\naborted\n',
      stderr: ''
    })
  })
})

describe('in this process', () => {
  const before = { exitCode: process.exitCode, argv: process.argv, write: process.stderr.write }
  let written = ''
  beforeEach(() => {
    written = ''
    process.argv = ['node', 'main.ts']
    process.stderr.write = (text: string | Uint8Array) => {
      written += String(text)
      return true
    }
  })
  afterEach(() => {
    process.exitCode = before.exitCode
    process.argv = before.argv
    process.stderr.write = before.write
  })
  const failing = (error: unknown, ...args: readonly string[]): Promise<void> => {
    process.argv = ['node', 'main.ts', ...args]
    return program(() => {
      throw error
    })
  }

  test('a program sets the exit code and takes its listeners away again', async () => {
    const listeners = process.listenerCount('SIGINT')
    await program(() => Promise.resolve(5))
    expect(process.exitCode).toBe(5)
    expect(process.listenerCount('SIGINT')).toBe(listeners)
  })

  test('it reports a coded error as text or as JSON', async () => {
    const error = new CodedError('not-deployed', 'nothing', { remedy: 'Deploy.' })
    await failing(error)
    expect(written).toBe(formatError(error))
    expect(process.exitCode).toBe(3)
    written = ''
    await failing(error, '--json')
    expect(JSON.parse(written)).toEqual({ error: error.toJSON() })
  })

  test('it reports any other error as a fault of its own', async () => {
    await failing('a text', '--json')
    expect(JSON.parse(written)).toEqual({
      error: { code: 'internal', message: 'a text', remedy: 'Report it.' }
    })
    expect(process.exitCode).toBe(1)
  })

  test('it aborts its signal when the process is asked to end', async () => {
    await program(async ({ signal }) => {
      process.emit('SIGTERM', 'SIGTERM')
      await Promise.resolve()
      signal.throwIfAborted()
      return 0
    })
    expect(process.exitCode).toBe(130)
    expect(written).toContain('interrupted by SIGTERM [aborted]')
  })
})

describe('an error for a person', () => {
  test('is message and code, evidence and remedy', () => {
    expect(formatError(new CodedError('locked', 'busy', { remedy: 'Wait.' }))).toBe(
      'error: busy [locked]\n  what to do: Wait.\n'
    )
    expect(formatError(new CodedError('locked', 'busy', { remedy: 'Wait.', evidence: 'a\nb' }))).toBe(
      'error: busy [locked]\n    a\n    b\n  what to do: Wait.\n'
    )
  })

  test('without a stack is its message', () => {
    const error = new Error('plain')
    Reflect.deleteProperty(error, 'stack')
    expect(formatError(error)).toMatch(/^plain\n|^Error: plain\n/)
    expect(formatError(7)).toBe('7\n')
  })
})

import { describe, expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { sampleFolder } from '../test/sample.ts'
import { run } from './run.ts'

async function start(
  args: readonly string[],
  environment: Record<string, string> = {},
  abort = new AbortController()
) {
  const output = new PassThrough()
  const errors = new PassThrough()
  const input = new PassThrough()
  input.end()
  const code = await run({
    args,
    environment: { LOG_LEVEL: 'silent', ...environment },
    signal: abort.signal,
    input,
    output,
    errors
  })
  return { code, output: String(output.read() ?? ''), errors: String(errors.read() ?? '') }
}

describe('run', () => {
  test('--help prints usage and every environment variable with its default', async () => {
    const { code, output } = await start(['--help'])
    expect(code).toBe(0)
    for (const text of [
      '--stdio',
      '--health',
      'HOST',
      'default: 127.0.0.1',
      'PORT',
      'default: 8000',
      'QUILT_REGISTRIES'
    ])
      expect(output).toContain(text)
  })

  test('--help works in an environment that is wrong', async () => {
    expect((await start(['--help'], { PORT: 'x' })).code).toBe(0)
  })

  test('--version prints version and full SHA', async () => {
    const { output } = await start(['--version'], { QUILT_MCP_VERSION: 'abc', QUILT_MCP_REVISION: 'abcdef' })
    expect(output).toBe('quilt-mcp abc (abcdef)\n')
  })

  test('--health without a server ends with 1 and says why', async () => {
    expect(await start(['--health'], { PORT: '1' })).toMatchObject({
      code: 1,
      errors: expect.stringContaining('not healthy: ')
    })
  })

  test('HTTP serves until the signal and ends with 0', async () => {
    const abort = new AbortController()
    const done = start([], { PORT: '0', SAMPLE: sampleFolder() }, abort)
    abort.abort()
    expect((await done).code).toBe(0)
  })

  test('--stdio ends with the input and with 0', async () => {
    expect((await start(['--stdio'], { SAMPLE: sampleFolder() })).code).toBe(0)
  })

  test('a wrong environment is an error, not a server', async () => {
    await expect(start([], { PORT: 'x' })).rejects.toMatchObject({ code: 'invalid-environment' })
    await expect(start([], { SAMPLE: '/no/such' })).rejects.toMatchObject({ code: 'invalid-environment' })
  })
})

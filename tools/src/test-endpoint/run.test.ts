import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { fixtureMain, inFolder, keepText } from '../../test/workspace.ts'
import { startServer, type ServerProcess } from '../endpoint/server-process.ts'
import { localUrl, parseArguments } from './arguments.ts'
import { run } from './run.ts'

const signal = new AbortController().signal

let server: ServerProcess

beforeAll(async () => {
  server = await inFolder({ 'main.js': fixtureMain(), 'package.json': { type: 'module' } }, (folder) =>
    startServer({ main: join(folder, 'main.js'), environment: {}, timeLimitMs: 10_000, signal })
  )
})

afterAll(() => server.stop())

/** Runs the program in a workspace. `URL` among the arguments stands for the endpoint of a server. */
async function withServer(
  args: readonly string[],
  files: (url: string) => Readonly<Record<string, string>> = () => ({})
): Promise<{ readonly code: number; readonly text: string; readonly url: string }> {
  const url = `${server.url}/mcp`
  return inFolder(files(url), async (workspace) => {
    const terminal = keepText()
    const code = await run({
      args: args.map((arg) => (arg === 'URL' ? url : arg)),
      workspace,
      signal,
      terminal
    })
    return { code, text: terminal.text(), url }
  })
}

describe('the endpoint test on the command line', () => {
  test('tries methods and errors at a URL, and no tool', async () => {
    const { code, text, url } = await withServer(['URL'])
    expect(code).toBe(0)
    expect(text.startsWith(`${url}\n  ✓ initialize over HTTP`)).toBe(true)
    expect(text).not.toContain('add {"a":1}')
    expect(text).toMatch(/passed: \d+ steps passed, 0 failed; \d+ requests, median .*\n$/)
  })

  test('calls all tools with -t, or those that -T names', async () => {
    expect((await withServer(['-t', 'URL'])).text).toContain('✓ add {"a":1} over HTTP')
    expect((await withServer(['-T', 'add', 'URL'])).text).toContain('✓ add {"a":1} with the official client')
    await expect(withServer(['-T', 'subtract', 'URL'])).rejects.toMatchObject({
      code: 'invalid-arguments',
      remedy: 'Choose from add.'
    })
  })

  test('shows what was seen with -v', async () => {
    expect((await withServer(['-v', 'URL'])).text).toContain('      fixture undefined, revision 2025-11-25\n')
  })

  test('lists the tools and nothing else', async () => {
    expect((await withServer(['--list-tools', 'URL'])).text).toBe('add\n')
  })

  test('prints the report as JSON and nothing else', async () => {
    const { text } = await withServer(['--json', '-t', 'URL'])
    expect(JSON.parse(text)).toMatchObject({ passed: true, toolNames: ['add'], tools: [{ tool: 'add' }] })
  })

  test('takes the live endpoint from .config', async () => {
    const { code, text, url } = await withServer([], (live) => ({
      '.config': `# x\nMCP_ENDPOINT="${live}"\n`
    }))
    expect(code).toBe(0)
    expect(text).toContain(url)
  })

  test('explains itself', async () => {
    const terminal = keepText()
    expect(await run({ args: ['-h'], workspace: '/nowhere', signal, terminal })).toBe(0)
    expect(terminal.text()).toMatch(/^usage: tools\/test-endpoint\.sh/)
  })
})

describe('bad input', () => {
  const fails = (args: readonly string[], files: Readonly<Record<string, string>> = {}) =>
    inFolder(files, async (workspace) =>
      run({ args, workspace, signal, terminal: keepText() }).then(
        (code) => ({ code }),
        (error: unknown) => error
      )
    )

  test('nothing is deployed', async () => {
    expect(await fails([])).toMatchObject({ code: 'not-deployed', exitCode: 3 })
  })

  test.each(['', 'MCP_VERSION=1a2b3c4\n', 'MCP_ENDPOINT=\n', 'MCP_ENDPOINT=localhost\n'])(
    '.config reads %p',
    async (config) => {
      expect(await fails([], { '.config': config })).toMatchObject({ code: 'state-invalid' })
    }
  )

  test('the authority that .config or --ca names is not there, or is none', async () => {
    const config = 'MCP_ENDPOINT=https://localhost:1/mcp\nCA_CERTIFICATE=ca.pem\n'
    expect(await fails([], { '.config': config })).toMatchObject({
      code: 'invalid-arguments',
      message: expect.stringContaining('ca.pem cannot be read')
    })
    expect(await fails([], { '.config': config, 'ca.pem': 'no' })).toMatchObject({
      message: expect.stringContaining('holds no certificate')
    })
    expect(await fails(['--ca', '/nowhere/ca.pem', 'https://localhost:1'])).toMatchObject({
      code: 'invalid-arguments'
    })
  })

  test('nothing answers: it fails, and for the local address says how to start a server', async () => {
    const terminal = keepText()
    const code = await run({ args: ['http://127.0.0.1:1/mcp'], workspace: '/nowhere', signal, terminal })
    expect(code).toBe(1)
    expect(terminal.text()).toContain('ECONNREFUSED')
    expect(terminal.text()).not.toContain('to start a server')
    expect(await fails(['--list-tools', 'http://127.0.0.1:1/mcp'])).toMatchObject({
      code: 'step-failed',
      evidence: expect.stringContaining('ECONNREFUSED')
    })
  })

  test.each([
    [['-x']],
    [['--tools=add']],
    [['-T']],
    [['http://a/mcp', 'http://b/mcp']],
    [['-l', 'http://a/mcp']]
  ])('arguments %p', (args) => {
    expect(() => parseArguments(args)).toThrow(expect.objectContaining({ code: 'invalid-arguments' }))
  })
})

test.each([
  [['-l', '-t'], { url: localUrl, tools: undefined }],
  [['-lv'], { url: localUrl, tools: [], verbose: true }],
  [['-T', 'a', '-T', 'b'], { url: undefined, tools: ['a', 'b'] }],
  [['--json', '--ca', 'x.pem', 'https://a/mcp'], { url: 'https://a/mcp', json: true, ca: 'x.pem' }]
])('%p is understood', (args, expected) => {
  expect(parseArguments(args)).toMatchObject(expected)
})

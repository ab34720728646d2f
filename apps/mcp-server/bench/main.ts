import { execFile } from 'node:child_process'
import { virtualEnvironment } from '@fast-mcp/quilt/test/python/virtual-environment.ts'
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { z } from 'zod'
import { bundle, imageEnvironment, nodeOptions } from '../test/built-server.ts'
import { start, type ContestantOptions } from './contestant.ts'
import { load, memoryOver, message, modernMessage, postOnce, type Load, type Post } from './load.ts'
import { report, type Figures, type Row } from './report.ts'

// nx run mcp-server:bench: this server beside the others, all in one run, into docs/bench-server.md

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '1000000' }
  }
})
const seconds = Number(values.seconds)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const run = promisify(execFile)

const node = (name: string, environment: Readonly<Record<string, string>> = {}): ContestantOptions => ({
  program: process.execPath,
  args: [
    '--no-warnings',
    ...(name === 'ours' ? nodeOptions : []),
    join(import.meta.dirname, 'servers', `${name}.ts`)
  ],
  environment
})
const ours = node('ours', { SAMPLE: join(root, 'dist/apps/mcp-server/sample') })
const real: ContestantOptions = {
  program: process.execPath,
  args: [...nodeOptions, bundle],
  environment: { ...imageEnvironment, PORT: '0', METRICS_PORT: '0' }
}

const echoCall = { name: 'echo', arguments: { text: 'hello, world' } }
const call = message('tools/call', echoCall)
/** A tool of the product that reads nothing. */
const pureCall = message('tools/call', {
  name: 'catalog_url',
  arguments: { registry: 's3://example', package: 'a/b', path: 'x y.csv', catalog: 'open.quiltdata.com' }
})
const listTools = message('tools/list')
const rows: Row[] = []
const [busyBefore = 0] = loadavg()

async function measured(options: ContestantOptions, post: Post): Promise<Load> {
  await using server = await start(options)
  await load(server, post, { seconds: 1 })
  return await load(server, post, { seconds })
}

async function row(
  measure: string,
  server: string,
  options: ContestantOptions,
  post: Post
): Promise<Load | undefined> {
  const found = await measured(options, post).catch((error: unknown) => {
    skip(measure, server, String(error))
    return undefined
  })
  if (found === undefined) return undefined
  rows.push({ measure, server, ...found })
  process.stdout.write(
    `${measure}, ${server}: ${found.requestsPerSecond.toFixed(0)}/s, ${found.microseconds.toFixed(0)} µs\n`
  )
  return found
}

function skip(measure: string, server: string, reason: string): void {
  rows.push({ measure, server, skipped: reason })
  process.stdout.write(`${measure}, ${server}: skipped, ${reason}\n`)
}

async function startMilliseconds(): Promise<number> {
  const times: number[] = []
  for (let time = 0; time < 5; time++) {
    const from = performance.now()
    await using server = await start(real)
    await postOnce(server, listTools)
    times.push(performance.now() - from)
  }
  return times.sort((a, b) => a - b)[2] ?? Number.NaN
}

// tools/call, on all of them
const echo = await row('tools/call', 'koa echo', node('koa-echo'), call)
const oursCall = await row('tools/call', 'ours', ours, call)
await row('tools/call', 'SDK v1 McpServer', node('sdk-v1'), call)
await row('tools/call', 'SDK v2 createMcpHandler', node('sdk-v2'), call)
await row('tools/call', 'fastmcp (npm)', node('fastmcp'), call)
const python = await virtualEnvironment('bench-fastmcp', ['fastmcp==4.0.10', 'uvloop==0.23.0'])
if ('missing' in python) skip('tools/call', 'FastMCP (PyPI)', python.missing)
else {
  const program = join(import.meta.dirname, 'servers/fastmcp_server.py')
  await row('tools/call', 'FastMCP (PyPI)', { program: python.interpreter, args: [program] }, call)
}

// the real tools, and a route that sends the same bytes
{
  await using server = await start(real)
  const list = (await postOnce(server, listTools)).text
  await row('tools/list, real tools', 'koa, same bytes', node('koa-echo', { LIST: list }), listTools)
  await row('tools/list, real tools', 'ours', real, listTools)
}
for (const [method, params] of [
  [
    'initialize',
    { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } }
  ],
  ['ping', undefined],
  ['resources/list', undefined],
  ['prompts/list', undefined]
] as const)
  await row(method, 'ours', real, message(method, params))

// the newest revision
for (const [name, options] of [
  ['SDK v2 createMcpHandler', node('sdk-v2')],
  ['ours', ours]
] as const) {
  await row('tools/call, 2026-07-28', name, options, modernMessage('tools/call', echoCall))
  await row('tools/list, 2026-07-28', name, options, modernMessage('tools/list'))
}

// at half of what ours can do, the same rate for both
const rate = Math.floor(Math.min(oursCall?.requestsPerSecond ?? 0, echo?.requestsPerSecond ?? 0) / 2)
async function atHalf(options: ContestantOptions): Promise<Load> {
  await using server = await start(options)
  await load(server, call, { seconds: 1 })
  return await load(server, call, { seconds, rate })
}
const half = { echo: await atHalf(node('koa-echo')), ours: await atHalf(ours) }

const requests = Number(values.requests)
const memory = await (async () => {
  // the product itself: the server above is TypeScript, and what strips its types takes 100 MB
  await using server = await start(real)
  return await memoryOver(server, pureCall, requests)
})()

const figures: Figures = {
  rows,
  rate,
  p99: { echo: half.echo.p99, ours: half.ours.p99 },
  memory,
  startMilliseconds: await startMilliseconds(),
  replica: await replica(),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${String(cpus().length)} cores, Node ${process.version}`,
  busyBefore,
  commit: (await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root })).stdout.trim()
}
await writeFile(join(root, 'docs/bench-server.md'), report(figures))

/** What a quarter of a CPU and 512 MB do, in a container that has no more; the reason where there is none. */
async function replica(): Promise<Figures['replica']> {
  const limits = z
    .object({ stdout: z.string() })
    .safeParse(
      await run(process.execPath, ['--no-warnings', join(import.meta.dirname, 'replica.ts')]).catch(
        (error: unknown) => ({ stderr: String(error) })
      )
    )
  if (!limits.success) return { skipped: 'the container could not be run' }
  return z
    .union([
      z.object({ requestsPerSecond: z.number(), mebibytes: z.number() }),
      z.object({ skipped: z.string() })
    ])
    .parse(JSON.parse(limits.data.stdout.trim().split('\n').at(-1) ?? ''))
}

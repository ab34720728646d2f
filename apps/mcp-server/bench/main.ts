import { execFile } from 'node:child_process'
import { virtualEnvironment } from '@fast-mcp/quilt/test/python/virtual-environment.ts'
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { z } from 'zod'
import { bundle, imageEnvironment, nodeOptions } from '../test/built-server.ts'
import { start, type Contestant, type ContestantOptions } from './contestant.ts'
import { load, memoryOver, message, modernMessage, postOnce, type Load, type Post } from './load.ts'
import { rateOf, report, type Figures, type Row } from './report.ts'

// nx run mcp-server:bench: this server beside the others, all in one run, into docs/bench-server.md

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    requests: { type: 'string', default: '1000000' }
  }
})
/** Of each server of a measure, in all its rounds. */
const seconds = Number(values.seconds)
const rounds = 5
const warmUpSeconds = 2
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

/** One server of a measure, and what it is sent. */
interface Entrant {
  readonly server: string
  readonly options: ContestantOptions
  readonly post: Post
}

/**
 * Puts the servers of one measure under load in turns, so that whatever else the machine does meets all of them, and keeps
 * the median of each. One that does not start, or fails as it warms up, is a row that says why.
 */
async function measure(name: string, entrants: readonly Entrant[]): Promise<void> {
  await using started = new AsyncDisposableStack()
  const running: (Entrant & { readonly contestant: Contestant; readonly loads: Load[] })[] = []
  for (const entrant of entrants)
    try {
      const contestant = started.use(await start(entrant.options))
      await load(contestant, entrant.post, { seconds: warmUpSeconds })
      running.push({ ...entrant, contestant, loads: [] })
    } catch (error) {
      skip(name, entrant.server, String(error))
    }
  for (let round = 0; round < rounds; round++)
    for (const { contestant, post, loads } of running)
      loads.push(await load(contestant, post, { seconds: seconds / rounds }))
  for (const { server, loads } of running) {
    const found = medianOf(loads)
    rows.push({ measure: name, server, ...found })
    process.stdout.write(
      `${name}, ${server}: ${found.requestsPerSecond.toFixed(0)}/s, ${found.microseconds.toFixed(0)} µs\n`
    )
  }
}

function medianOf(loads: readonly Load[]): Load {
  const median = (read: (load: Load) => number): number =>
    loads.map(read).sort((a, b) => a - b)[Math.floor(loads.length / 2)] ?? Number.NaN
  return {
    requestsPerSecond: median(({ requestsPerSecond }) => requestsPerSecond),
    microseconds: median(({ microseconds }) => microseconds),
    p99: median(({ p99 }) => p99)
  }
}

function skip(name: string, server: string, reason: string): void {
  rows.push({ measure: name, server, skipped: reason })
  process.stdout.write(`${name}, ${server}: skipped, ${reason}\n`)
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

const echo: Entrant = { server: 'koa echo', options: node('koa-echo'), post: call }

// tools/call, on all of them
const python = await virtualEnvironment('bench-fastmcp', ['fastmcp==4.0.10', 'uvloop==0.23.0'])
await measure('tools/call', [
  echo,
  { server: 'ours', options: ours, post: call },
  { server: 'SDK v1 McpServer', options: node('sdk-v1'), post: call },
  { server: 'SDK v2 createMcpHandler', options: node('sdk-v2'), post: call },
  { server: 'fastmcp (npm)', options: node('fastmcp'), post: call },
  ...('missing' in python
    ? []
    : [
        {
          server: 'FastMCP (PyPI)',
          options: {
            program: python.interpreter,
            args: [join(import.meta.dirname, 'servers/fastmcp_server.py')]
          },
          post: call
        }
      ])
])
if ('missing' in python) skip('tools/call', 'FastMCP (PyPI)', python.missing)

// the real tools, and a route that sends the same bytes
const list = await (async () => {
  await using server = await start(real)
  return (await postOnce(server, listTools)).text
})()
await measure('tools/list, real tools', [
  { server: 'koa, same bytes', options: node('koa-echo', { LIST: list }), post: listTools },
  { server: 'ours', options: real, post: listTools }
])
for (const [method, params] of [
  [
    'initialize',
    { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } }
  ],
  ['ping', undefined],
  ['resources/list', undefined],
  ['prompts/list', undefined]
] as const)
  await measure(method, [echo, { server: 'ours', options: real, post: message(method, params) }])

// the newest revision
for (const [name, post] of [
  ['tools/call', modernMessage('tools/call', echoCall)],
  ['tools/list', modernMessage('tools/list')]
] as const)
  await measure(`${name}, 2026-07-28`, [
    { server: 'SDK v2 createMcpHandler', options: node('sdk-v2'), post },
    { server: 'ours', options: ours, post }
  ])

// at half of what ours can do, the same rate for both
const rate = Math.floor(
  Math.min(...['koa echo', 'ours'].map((server) => rateOf(rows, 'tools/call', server))) / 2
)
async function atHalf(options: ContestantOptions): Promise<Load> {
  await using server = await start(options)
  await load(server, call, { seconds: warmUpSeconds })
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

import type { Load } from './load.ts'

export type Row = { readonly measure: string; readonly server: string } & (
  | Load
  | { readonly skipped: string }
)

export interface Figures {
  readonly rows: readonly Row[]
  /** Requests per second of the measure of latency. */
  readonly rate: number
  /** Milliseconds. */
  readonly p99: { readonly echo: number; readonly ours: number }
  /** Mebibytes after each 100,000 requests. */
  readonly memory: readonly number[]
  readonly startMilliseconds: number
  readonly replica:
    | { readonly requestsPerSecond: number; readonly mebibytes: number }
    | { readonly skipped: string }
  readonly machine: string
  /** Processes that ran or wanted to, on average over the minute before. */
  readonly busyBefore: number
  readonly commit: string
}

/** Requests per second of a server in a measure; NaN where it was not measured. */
export function rateOf(rows: readonly Row[], measure: string, server: string): number {
  const row = rows.find((one) => one.measure === measure && one.server === server)
  return row !== undefined && !('skipped' in row) ? row.requestsPerSecond : Number.NaN
}

/** The figures and what they are to be, as docs/bench-server.md. */
export function report(figures: Figures): string {
  const { rows, p99, memory, replica } = figures
  const rps = (measure: string, server: string): number => rateOf(rows, measure, server)
  const oursCall = rps('tools/call', 'ours')
  const aim = (name: string, figure: string, aimed: string, met: boolean): string =>
    `| ${name} | ${figure} | ${aimed} | ${met ? 'met' : 'missed'} |`
  const ratio = (name: string, a: number, b: number, least: number, unit: 'times' | '%'): string =>
    Number.isNaN(a / b)
      ? `| ${name} | not measured | | |`
      : unit === '%'
        ? aim(name, `${((a / b) * 100).toFixed(0)} %`, `≥ ${String(least * 100)} %`, a / b >= least)
        : aim(name, `${(a / b).toFixed(1)} ×`, `≥ ${String(least)} ×`, a / b >= least)
  const last = memory.at(-1) ?? Number.NaN
  const second = memory[1] ?? memory[0] ?? Number.NaN
  const modern = (measure: string): string =>
    ratio(
      `${measure}: ours of SDK v2`,
      rps(measure, 'ours'),
      rps(measure, 'SDK v2 createMcpHandler'),
      4,
      'times'
    )
  const aims = [
    ratio('tools/call: ours of the koa echo', oursCall, rps('tools/call', 'koa echo'), 0.7, '%'),
    ratio(
      'tools/call: ours of SDK v1 McpServer',
      oursCall,
      rps('tools/call', 'SDK v1 McpServer'),
      8,
      'times'
    ),
    ratio('tools/call: ours of FastMCP', oursCall, rps('tools/call', 'FastMCP (PyPI)'), 25, 'times'),
    ratio(
      'tools/list: ours of koa with the same bytes',
      rps('tools/list, real tools', 'ours'),
      rps('tools/list, real tools', 'koa, same bytes'),
      0.8,
      '%'
    ),
    ...['initialize', 'ping', 'resources/list', 'prompts/list'].map((method) =>
      ratio(`${method}: ours of the koa echo`, rps(method, 'ours'), rps(method, 'koa echo'), 0.7, '%')
    ),
    modern('tools/call, 2026-07-28'),
    modern('tools/list, 2026-07-28'),
    aim(
      `p99 at ${String(figures.rate)} requests a second, half of what ours can do`,
      `${p99.ours.toFixed(2)} ms, echo ${p99.echo.toFixed(2)} ms`,
      "≤ 3 × the echo's",
      p99.ours <= 3 * p99.echo
    ),
    aim(
      `memory over ${(memory.length * 100_000).toLocaleString('en')} requests`,
      `${memory.map((one) => one.toFixed(0)).join(', ')} MiB`,
      'flat after the first 100,000, ≤ 130 MB',
      last <= 124 && last <= second * 1.1
    ),
    aim(
      'start to first answer',
      `${figures.startMilliseconds.toFixed(0)} ms`,
      '≤ 300 ms',
      figures.startMilliseconds <= 300
    ),
    'skipped' in replica
      ? `| one replica of 0.25 vCPU and 512 MB | skipped: ${replica.skipped} | a figure | |`
      : `| one replica of 0.25 vCPU and 512 MB, calls of packages_list | ${replica.requestsPerSecond.toFixed(0)} requests/s, ${replica.mebibytes.toFixed(0)} MiB | a figure | |`
  ]
  return `# Benchmark of the server

Written by \`nx run mcp-server:bench\`; do not edit. ${figures.machine}, commit ${figures.commit}. Every server runs in
a process of its own, with the same 20 tools; autocannon posts from 16 connections on the same machine, so it takes one
of the cores. The servers of a measure take turns, five times; each figure is the median. Ours has its limits, its log
and its metrics on, and Node's options are those of the image; start and memory are those of the built server, calling
catalog_url. CPU is what the server's process used for one request: where autocannon itself is the limit, it says more
than the rate does. In the minute before, ${figures.busyBefore.toFixed(1)}
other processes were at work on average: above 0.5 the machine was busy, and neither rates nor ratios say much.

| measure | server | requests/s | CPU µs/request | p99 ms |
|---|---|---:|---:|---:|
${rows.map(line).join('\n')}

## What was aimed at

| measure | figure | aim | |
|---|---|---|---|
${aims.join('\n')}

## How it was reached

- Everything that does not depend on the request is made at the start: schemas are compiled, lists are JSON text, the
  headers of answers are flat lists, the attributes of spans and the names of operations are objects that are shared.
- A request makes no server, no transport and no abort signal: the signal is made when a handler asks for it, the
  logger that names the request when something is logged.
- A message that is posted to \`/mcp\` goes past koa, through the same checks as what koa routes, and its answer to
  \`writeHead\` with a list of headers and one \`end\`.
- Requests in flight are a list and no set: a set that is filled and emptied all the time makes new tables, each of which
  is kept by the one before, and they kept most of what requests were made of until the next full collection. That took
  as long as all the rest.
- One timer looks once a second at all requests in flight for calls that take too long and clients that do not read,
  in place of one for each request.
- Rates are buckets in two generations of a map, without timers; addresses of loopback are not counted.
- Log lines are written in the background, a batch at a time; the time in them is formatted once a second, but for its
  milliseconds.
- A page of resources is kept as text for a second, for one caller, and forgotten when a tool writes.
- The image starts Node with a young generation of 4 MB and an old one that grows by half, and lets libc have one arena:
  149 MiB become 116 by the arena alone, and on calls of server_status, which read files, 281 become 169 by the rest.
- In the image V8 does not choose by itself what it makes in the old generation. Requests that have to wait, while a module
  is loaded say, teach it that their parts last; it then makes those of all requests there, and they keep everything else
  of a request until the next full collection: 8 of 12 processes did, none of 12 does without the choice.
- Params of calls and lists that have nothing unusual in them are not put through their schemas.
- A token that was verified is remembered for a minute, so a signature is not computed for every request.
- Methods that answer at once stay synchronous through the metrics; the SDK of OpenTelemetry is loaded only where an
  endpoint is configured, and until then a span costs a call of a function that does nothing.
- In 2026-07-28 the hot methods have a direct door of their own beside the SDK's handler, and what the SDK found of the
  envelope of a client's requests is remembered.
- Results are measured before the rest of the answer is put around them, so that they are copied once.
`
}

function line(row: Row): string {
  const head = `| ${row.measure} | ${row.server} |`
  return 'skipped' in row
    ? `${head} skipped: ${row.skipped} | | |`
    : `${head} ${row.requestsPerSecond.toFixed(0)} | ${row.microseconds.toFixed(0)} | ${row.p99.toFixed(2)} |`
}

import autocannon from 'autocannon'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { start } from '../bench/contestant.ts'
import { bundle, imageEnvironment, nodeOptions } from './built-server.ts'

// nx run mcp-server:soak: half load for half an hour, beside clients that misbehave. Ends with 1 where a good client was
// refused, memory grew, or connections of bad ones stayed.

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, rate: { type: 'string', default: '3000' } }
})
const minutes = Number(values.minutes)
const misbehaving = new AbortController()

await using server = await start({
  program: process.execPath,
  args: [...nodeOptions, bundle],
  environment: { ...imageEnvironment, PORT: '0', METRICS_PORT: '0', REQUEST_TIMEOUT_SECONDS: '10' }
})
const port = Number(new URL(server.url).port)
const bad = [neverEnds(), trickles(), neverReads(), goesAway()]
const memory: number[] = []
let failed = 0
let answered = 0
for (let minute = 0; minute < minutes; minute++) {
  const result = await autocannon({
    url: server.url,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'packages_list', arguments: {} }
    }),
    connections: 16,
    overallRate: Number(values.rate),
    duration: 60
  })
  failed += result.non2xx + result.errors
  answered += result['2xx']
  memory.push(await server.mebibytes())
  process.stdout.write(
    `minute ${String(minute + 1)}: ${String(result['2xx'])} answers, p99 ${String(result.latency.p99)} ms, ${(memory.at(-1) ?? 0).toFixed(0)} MiB\n`
  )
}
misbehaving.abort()
await Promise.all(bad)
const first = memory[Math.min(2, memory.length - 1)] ?? 0
const last = memory.at(-1) ?? 0
const grown = last > first * 1.25 + 10
process.stdout.write(
  `${String(answered)} answers in ${String(minutes)} minutes, ${String(failed)} failed; memory ${first.toFixed(0)} MiB in the third minute, ${last.toFixed(0)} MiB at the end${grown ? ': it grew' : ''}\n`
)
process.exitCode = failed > 0 || grown ? 1 : 0

/** Does something with a new connection twice a second, until it is over. */
async function often(use: (socket: Socket) => void, milliseconds: number): Promise<void> {
  while (!misbehaving.signal.aborted) {
    const socket = connect(port, '127.0.0.1', () => {
      use(socket)
    })
    socket.on('error', () => socket.destroy())
    void sleep(milliseconds).then(() => socket.destroy())
    await sleep(500)
  }
}

/** Announces a body and never sends it. */
function neverEnds(): Promise<void> {
  return often((socket) => {
    socket.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'
    )
  }, 60_000)
}

/** Sends its head a byte at a time. */
function trickles(): Promise<void> {
  return often((socket) => {
    const timer = setInterval(() => socket.write('X'), 200)
    socket.on('close', () => {
      clearInterval(timer)
    })
  }, 60_000)
}

/** Asks for much, again and again, and reads nothing. */
function neverReads(): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const bytes = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`
  return often((socket) => {
    socket.pause()
    socket.write(bytes.repeat(50))
  }, 60_000)
}

/** Goes away while it is answered. */
function goesAway(): Promise<void> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'packages_list' }
  })
  return often((socket) => {
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`
    )
    socket.destroySoon()
  }, 1000)
}

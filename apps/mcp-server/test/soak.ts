import autocannon from 'autocannon'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { start } from '../bench/contestant.ts'
import { http } from './http-client.ts'
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
  environment: {
    ...imageEnvironment,
    PORT: '0',
    METRICS_PORT: '0',
    REQUEST_TIMEOUT_SECONDS: '10',
    SEND_TIMEOUT_SECONDS: '10'
  }
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
const { connections, receiveTime, notReading } = await figures()
// those of the load, and what is opened twice a second until its time is over, with twice as much to spare
const dropped = connections <= 16 + 2 * 2 * 2 * 11 && receiveTime > 0 && notReading > 0
misbehaving.abort()
await Promise.all(bad)
const first = memory[Math.min(2, memory.length - 1)] ?? 0
const last = memory.at(-1) ?? 0
const grown = last > first * 1.25 + 10
process.stdout.write(
  `${String(answered)} answers in ${String(minutes)} minutes, ${String(failed)} failed; memory ${first.toFixed(0)} MiB in the third minute, ${last.toFixed(0)} MiB at the end${grown ? ': it grew' : ''}\n${String(connections)} connections at the end, ${String(receiveTime)} were closed for sending too slowly, ${String(notReading)} refusals for not reading${dropped ? '' : ': bad ones stayed'}\n`
)
process.exitCode = failed > 0 || grown || !dropped ? 1 : 0

/** What the server says of connections now. */
async function figures(): Promise<Record<'connections' | 'receiveTime' | 'notReading', number>> {
  const { body } = await http(server.metricsUrl ?? '')
  const figure = (name: string): number => {
    const line = body.split('\n').find((one) => one.startsWith(`${name} `))
    return Number(line?.slice(name.length) ?? 0)
  }
  return {
    connections: figure('mcp_http_connections'),
    receiveTime: figure('mcp_http_refused_total{reason="receive-time"}'),
    // who asks again and again without reading meets the limit of a connection before the time is over
    notReading:
      figure('mcp_http_refused_total{reason="not-reading"}') +
      figure('mcp_http_refused_total{reason="queue"}')
  }
}

/** Does something with a new connection every so often, and leaves it to the server to close it, until it is over. */
async function often(use: (socket: Socket) => void, milliseconds = 500): Promise<void> {
  const sockets = new Set<Socket>()
  while (!misbehaving.signal.aborted) {
    const socket = connect(port, '127.0.0.1', () => {
      use(socket)
    })
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    await sleep(milliseconds)
  }
  for (const socket of sockets) socket.destroy()
}

/** Announces a body and never sends it. */
function neverEnds(): Promise<void> {
  return often((socket) => {
    socket.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'
    )
  })
}

/** Sends its head a byte at a time. */
function trickles(): Promise<void> {
  return often((socket) => {
    const timer = setInterval(() => socket.write('X'), 200)
    socket.on('close', () => {
      clearInterval(timer)
    })
  })
}

/** Asks for much, again and again, and reads nothing. */
function neverReads(): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const bytes = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`
  return often((socket) => {
    socket.pause()
    // more than may wait on one connection
    socket.write(bytes.repeat(200))
  }, 5000)
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
  })
}

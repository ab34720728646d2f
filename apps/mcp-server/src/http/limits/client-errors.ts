import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Lifecycle } from '../lifecycle.ts'

const answers: ReadonlyMap<string, { readonly line: string; readonly reason: string }> = new Map([
  ['HPE_HEADER_OVERFLOW', { line: '431 Request Header Fields Too Large', reason: 'header-size' }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { line: '413 Payload Too Large', reason: 'body-size' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { line: '408 Request Timeout', reason: 'receive-time' }]
])
const malformed = { line: '400 Bad Request', reason: 'malformed' }

/**
 * Answers what Node cannot read as HTTP, or gave up waiting for, counts it and closes the connection. Requests that came
 * whole before it on the connection get their answers first: a client takes answers in the order of its requests.
 */
export function answerClientErrors(
  server: Server,
  lifecycle: Lifecycle,
  onRefusal: (reason: string) => void
): void {
  const ended = new WeakSet<Socket>()
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // what follows on the connection is as unreadable, and its answer is on the way
    if (ended.has(socket)) return
    // a client that went away needs no answer and broke no rule
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    ended.add(socket)
    const { line, reason } = answers.get(error.code ?? '') ?? malformed
    onRefusal(reason)
    const begun = responsesOn(lifecycle, socket)
    const whole = begun.filter(({ req }) => req.complete)
    void Promise.all(whole.map(closed)).then(() => {
      // of the request itself an answer may have begun, and nothing may be put into it
      if (socket.writable && !begun.some((response) => !whole.includes(response) && response.headersSent))
        socket.write(`HTTP/1.1 ${line}\r\nConnection: close\r\n\r\n`)
      socket.destroySoon()
    })
  })
  server.on('drop', () => {
    onRefusal('connections')
  })
}

/** Those that wait for others before them have no socket yet, and their requests do. */
function responsesOn(lifecycle: Lifecycle, socket: Socket): readonly ServerResponse[] {
  return lifecycle.requests.map(({ response }) => response).filter(({ req }) => req.socket === socket)
}

function closed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve)
  })
}

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Lifecycle } from '../lifecycle.ts'

const answers: ReadonlyMap<string, { readonly line: string; readonly reason: string }> = new Map([
  ['HPE_HEADER_OVERFLOW', { line: '431 Request Header Fields Too Large', reason: 'header-size' }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { line: '413 Payload Too Large', reason: 'body-size' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { line: '408 Request Timeout', reason: 'receive-time' }]
])
const malformed = { line: '400 Bad Request', reason: 'malformed' }

/** Answers what Node cannot read as HTTP, or gave up waiting for, counts it and closes the connection. */
export function answerClientErrors(
  server: Server,
  lifecycle: Lifecycle,
  onRefusal: (reason: string) => void
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // a client that went away needs no answer and broke no rule
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const { line, reason } = answers.get(error.code ?? '') ?? malformed
    onRefusal(reason)
    if (!isAnswering(lifecycle, socket)) socket.write(`HTTP/1.1 ${line}\r\nConnection: close\r\n\r\n`)
    socket.destroySoon()
  })
  server.on('drop', () => {
    onRefusal('connections')
  })
}

/** Whether the head of an answer went out on a connection and its end did not: nothing may be put between. */
function isAnswering(lifecycle: Lifecycle, socket: Socket): boolean {
  for (const { response } of lifecycle.requests)
    if (response.socket === socket && response.headersSent) return true
  return false
}

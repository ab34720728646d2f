import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { Readable, type Writable } from 'node:stream'
import type { Logger } from '../logger.ts'
import { localPrincipal } from '../principal.ts'
import { Conversation, type Caller } from './conversation.ts'
import { answerDirectly, refuse, type Reply } from './direct.ts'
import { lines, type Line } from './lines.ts'
import type { Method } from './method.ts'
import { parseBody } from './parse.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'

export interface StdioOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  readonly input: Readable
  readonly output: Writable
  /** Ends the conversation. */
  readonly signal: AbortSignal
  readonly maxLineBytes: number
  readonly maxJsonDepth: number
}

/**
 * Serves one client over a pair of streams until the input ends, the output fails or the signal is aborted. Requests
 * in flight at the end of the input are answered. The SDK frames messages and cancels; every method is ours, and so is
 * the answer to what the SDK would drop without a word.
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { methods, log, input, output } = options
  const caller: Caller = { principal: localPrincipal, filter: undefined, log }
  const conversation = new Conversation({ methods, log, caller, bounds: undefined })

  const understood = Readable.from(filter(), { objectMode: false })
  async function* filter(): AsyncGenerator<Buffer> {
    for await (const line of lines(input, options.maxLineBytes)) {
      const { message, reply } = await read(line, options, conversation, caller)
      if (message !== undefined) yield message
      if (reply !== undefined) {
        log.info(reply.record)
        if (reply.body !== undefined) output.write(`${reply.body}\n`)
      }
    }
  }

  const { server } = conversation
  const ended = end(understood, output, options.signal)
  await server.connect(new StdioServerTransport(understood, output))
  await ended
  await conversation.settled()
  await server.close()
  input.destroy()
}

/** Resolves when the input has ended, nobody reads the output any more, or the signal is aborted. */
function end(input: Readable, output: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      resolve()
    }
    // Also when the input is destroyed at the end, in the middle of a read.
    input.once('end', done).once('close', done).on('error', done)
    output.once('error', done)
    if (signal.aborted) done()
    signal.addEventListener('abort', done, { once: true })
  })
}

/** A line as the SDK takes it, or the answer to what it does not take. */
async function read(
  { bytes }: Line,
  { methods, signal, output, maxLineBytes, maxJsonDepth }: StdioOptions,
  conversation: Conversation,
  caller: Caller
): Promise<{ readonly message?: Buffer; readonly reply?: Reply }> {
  try {
    if (bytes === undefined)
      throw new ProtocolError(
        errorCodes.invalidRequest,
        `Invalid request: longer than ${String(maxLineBytes)} bytes`
      )
    const value = parseBody(bytes, maxJsonDepth)
    if (JSONRPCMessageSchema.safeParse(value).success)
      return { message: Buffer.concat([bytes, Buffer.from('\n')]) }
    const reply = await answerDirectly(methods, value, conversation.revision, (request) =>
      conversation.context(request, caller, signal, (notification) => {
        output.write(`${JSON.stringify({ jsonrpc: '2.0', ...notification })}\n`)
      })
    )
    return { reply }
  } catch (error) {
    if (error instanceof ProtocolError) return { reply: refuse(error) }
    throw error
  }
}

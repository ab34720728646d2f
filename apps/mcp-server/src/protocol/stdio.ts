import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { Readable, type Writable } from 'node:stream'
import type { Logger } from '../logger.ts'
import { localPrincipal } from '../principal.ts'
import { call } from './call.ts'
import { answerDirectly, refuse, type Reply } from './direct.ts'
import { lines, type Line } from './lines.ts'
import type { RawRequest } from './message.ts'
import type { CallContext, Method } from './method.ts'
import { parseBody } from './parse.ts'
import { errorCodes, ProtocolError } from './protocol-error.ts'
import { knownRevision, newestRevision, type Revision } from './revisions.ts'

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

/** A receiver without tasks processes a request as if it did not ask for one. Source: MCP 2025-11-25, "Tasks", capabilities. */
class TasklessServer extends Server {
  protected override assertTaskHandlerCapability(): void {
    return
  }
}

/**
 * Serves one client over a pair of streams until the input ends, the output fails or the signal is aborted. Requests
 * in flight at the end of the input are answered. The SDK frames messages and cancels; every method is ours, and so is
 * the answer to what the SDK would drop without a word.
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { methods, log, input, output } = options
  let revision: Revision = newestRevision
  const pending = new Set<Promise<unknown>>()

  const answerOne = async (request: RawRequest, signal: AbortSignal): Promise<Record<string, unknown>> => {
    const started = performance.now()
    const { record, answer, error } = await call(methods, request, contextOf(signal, log))
    log.info({ ...record, ms: Math.round((performance.now() - started) * 1000) / 1000 })
    if (error !== undefined) throw error
    if (request.method === 'initialize' && 'protocolVersion' in answer.result)
      revision = knownRevision(String(answer.result.protocolVersion)) ?? newestRevision
    return { ...answer.result }
  }

  const understood = Readable.from(filter(), { objectMode: false })
  async function* filter(): AsyncGenerator<Buffer> {
    for await (const line of lines(input, options.maxLineBytes)) {
      const { message, reply } = await read(line, options, revision)
      if (message !== undefined) yield message
      if (reply !== undefined) {
        log.info(reply.record)
        if (reply.body !== undefined) output.write(`${reply.body}\n`)
      }
    }
  }

  const server = new TasklessServer({ name: '', version: '' }, { capabilities: {} })
  server.removeRequestHandler('initialize')
  server.removeRequestHandler('ping')
  server.fallbackRequestHandler = (request, extra) => {
    const answer = answerOne({ ...request }, extra.signal)
    pending.add(answer)
    void answer.catch(() => undefined).finally(() => pending.delete(answer))
    return answer
  }
  server.onerror = (error) => {
    log.warn({ err: error }, 'the conversation was disturbed')
  }

  const ended = end(understood, output, options.signal)
  await server.connect(new StdioServerTransport(understood, output))
  await ended
  await Promise.allSettled(pending)
  await server.close()
  input.destroy()
}

function contextOf(signal: AbortSignal, log: Logger): CallContext {
  const nothing = (): void => undefined
  return { signal, log, principal: localPrincipal, filter: undefined, progress: nothing, notify: nothing }
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
  { methods, log, signal, maxLineBytes, maxJsonDepth }: StdioOptions,
  revision: Revision
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
    return { reply: await answerDirectly(methods, value, revision, contextOf(signal, log)) }
  } catch (error) {
    if (error instanceof ProtocolError) return { reply: refuse(error) }
    throw error
  }
}

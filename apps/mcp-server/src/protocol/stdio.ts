import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { Readable, Writable } from 'node:stream'
import type { Logger } from '../logger.ts'
import { call } from './call.ts'
import type { RawRequest } from './message.ts'
import type { Method } from './method.ts'

export interface StdioOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  readonly input: Readable
  readonly output: Writable
  /** Ends the conversation. */
  readonly signal: AbortSignal
}

/**
 * Serves one client over a pair of streams until the input ends or the signal is aborted. Requests in flight at the
 * end of the input are answered. The SDK frames the messages and cancels; every method is ours.
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { methods, log, input, output } = options
  const transport = new StdioServerTransport(input, output)
  const server = new Server({ name: '', version: '' }, { capabilities: {} })
  server.removeRequestHandler('initialize')
  server.removeRequestHandler('ping')
  const pending = new Set<Promise<unknown>>()
  server.fallbackRequestHandler = (request, extra) => {
    const answer = answerOne({ ...request }, extra.signal)
    pending.add(answer)
    void answer.catch(() => undefined).finally(() => pending.delete(answer))
    return answer
  }
  server.onerror = (error) => {
    log.warn({ err: error }, 'a message was not understood')
  }

  async function answerOne(request: RawRequest, signal: AbortSignal): Promise<Record<string, unknown>> {
    const started = performance.now()
    const { record, answer, error } = await call(methods, request, { signal, log })
    log.info({ ...record, ms: Math.round((performance.now() - started) * 1000) / 1000 })
    if (error !== undefined) throw error
    return { ...answer.result }
  }

  const ended = new Promise<void>((resolve) => {
    input.once('end', resolve).once('close', resolve)
    if (options.signal.aborted) resolve()
    options.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await server.connect(transport)
  await ended
  await Promise.allSettled(pending)
  await server.close()
}

import type { LoggingLevel } from '@modelcontextprotocol/sdk/types.js'
import type { Logger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import { logMessage, progressMessage } from '../protocol/client-messages.ts'
import type { RawRequest } from '../protocol/message.ts'
import type { CallContext } from '../protocol/method.ts'
import type { ToolFilter } from '../tools/filter.ts'
import type { Exchange } from './exchange.ts'

/** The context of one request of an exchange. What is costly to make is made by the exchange when it is asked for. */
export class ExchangeCall implements CallContext {
  readonly session = undefined
  readonly #exchange: Exchange
  readonly #request: RawRequest
  readonly #level: LoggingLevel | undefined

  constructor(exchange: Exchange, request: RawRequest, level: LoggingLevel | undefined) {
    this.#exchange = exchange
    this.#request = request
    this.#level = level
  }

  get signal(): AbortSignal {
    return this.#exchange.signal
  }

  get log(): Logger {
    return this.#exchange.log
  }

  get principal(): Principal {
    return this.#exchange.principal
  }

  get filter(): ToolFilter | undefined {
    return this.#exchange.filter
  }

  progress(done: number, total?: number, message?: string): void {
    this.#exchange.tell(progressMessage(this.#request, done, total, message))
  }

  notify(level: LoggingLevel, data: string): void {
    this.#exchange.tell(logMessage(this.#level, level, data))
  }
}

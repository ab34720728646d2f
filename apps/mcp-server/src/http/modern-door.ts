import { z } from 'zod'
import type { Logger } from '../logger.ts'
import type { Called, CallRecord } from '../protocol/call.ts'
import { modernLevel } from '../protocol/client-messages.ts'
import type { RawRequest } from '../protocol/message.ts'
import type { Method } from '../protocol/method.ts'
import { ModernDirect } from '../protocol/modern/direct.ts'
import { introductionOf, listedTools } from '../protocol/modern/introduction.ts'
import { paramHeaders } from '../protocol/modern/param-headers.ts'
import { ModernRouter, type ModernRoute } from '../protocol/modern/route.ts'
import { ModernSdk } from '../protocol/modern/sdk.ts'
import type { HttpRequest } from './context.ts'
import type { Exchange } from './exchange.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { OpenStreams } from './limits/open-streams.ts'
import { Refusal } from './refusal.ts'

const failure = z.object({ error: z.object({ code: z.number() }) })

export interface ModernDoorOptions {
  readonly methods: ReadonlyMap<string, Method>
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly streams: OpenStreams
}

/** The door of the newest revision: directly where that is enough, else by the SDK. */
export class ModernDoor {
  readonly #options: ModernDoorOptions
  readonly #router = new ModernRouter()
  readonly #direct: ModernDirect
  readonly #sdk: ModernSdk

  private constructor(options: ModernDoorOptions, direct: ModernDirect, sdk: ModernSdk) {
    this.#options = options
    this.#direct = direct
    this.#sdk = sdk
  }

  /** The door to a map of methods. */
  static async open(options: ModernDoorOptions): Promise<ModernDoor> {
    const { methods, log, lifecycle } = options
    const introduction = await introductionOf(methods, log)
    const wanted = paramHeaders(await listedTools(methods, log))
    return new ModernDoor(
      options,
      new ModernDirect({ methods, introduction, paramHeaders: wanted }),
      new ModernSdk({ methods, introduction, log, stopping: lifecycle.stopping })
    )
  }

  /** Answers a message of the newest revision, or one that is refused by its rules; false for what falls under those before. */
  async answer(http: HttpRequest, exchange: Exchange, value: unknown): Promise<boolean> {
    const route = this.#router.route(http.req.headers, value)
    if (route === undefined) return false
    const outcome = await this.#direct.answer(route, http.req.headers, exchange.modernContextOf)
    if (outcome.reply === undefined) await this.#bySdk(http, exchange, route, value, outcome.called)
    else exchange.finish(outcome.reply)
    return true
  }

  async #bySdk(
    http: HttpRequest,
    exchange: Exchange,
    route: ModernRoute,
    value: unknown,
    called: Called | undefined
  ): Promise<void> {
    const request = requestOf(route)
    const subscribes = request.method === 'subscriptions/listen'
    if (subscribes) this.#admitStream(http)
    let record: CallRecord | undefined
    const response = await this.#sdk.answer({
      headers: http.req.headers,
      value,
      context: exchange.modernContextOf(request),
      subscribes,
      level: modernLevel(request),
      called,
      onRecord: (known) => {
        record = known
        http.state.call = known
      }
    })
    if (response.body !== null && response.headers.get('content-type') === 'text/event-stream') {
      http.state.call ??= { method: 'stream', outcome: 'ok' }
      await exchange.passOn(response.body)
      return
    }
    const text = await response.text()
    exchange.finish({
      status: response.status,
      body: text === '' ? undefined : text,
      record: record ?? recordOf(route, text)
    })
  }

  /** A stream that would last is not begun where the server is stopping, or where there are too many. */
  #admitStream(http: HttpRequest): void {
    if (this.#options.lifecycle.draining) throw new Refusal(503, 'The server is stopping')
    this.#options.streams.admit(http)
  }
}

function requestOf(route: ModernRoute): RawRequest {
  if (route.kind === 'reject') return { method: '' }
  return { ...route.message }
}

/** What the log says of an answer that no method of ours gave. */
function recordOf(route: ModernRoute, text: string): CallRecord {
  const kind =
    route.kind === 'reject' ? 'invalid' : route.messageKind === 'request' ? 'unknown' : 'notification'
  const parsed = text === '' ? undefined : failure.safeParse(JSON.parse(text))
  return { method: kind, outcome: parsed?.success === true ? parsed.data.error.code : 'ok' }
}

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '@fast-mcp/errors'
import { errorCode } from '../../../error-code.ts'
import { backend, frontend, requestRing } from './config.ts'
import { parseRequests, type ProxyRequest } from './requests.ts'

/** A slot as HAProxy sees it. */
export interface SlotState {
  readonly name: string
  readonly port: number
  /** `up` answers health checks and gets requests, `down` fails them, `drain` finishes what it has, `maintenance` is free. */
  readonly status: 'up' | 'down' | 'drain' | 'maintenance'
  /** As many health checks in a row as it takes have passed. */
  readonly healthy: boolean
  /** HAProxy's words for the last health check: `L7OK 200`, `L4CON Connection refused`. */
  readonly check: string
  /** Requests it is working on. */
  readonly sessions: number
  /** Requests it has got since HAProxy was started. */
  readonly requests: number
  /** Answers with a 5xx status since then. */
  readonly serverErrors: number
}

/** What came in since HAProxy was started or reloaded. */
export interface ProxyTraffic {
  /** Requests within the last second. */
  readonly requestsPerSecond: number
  readonly requests: number
  /** Answers with a 5xx status. */
  readonly serverErrors: number
  /** The last few thousand that have ended, oldest first. */
  readonly latest: readonly ProxyRequest[]
}

export interface ProxyInfo {
  readonly pid: number
  readonly node: string
  readonly uptimeSeconds: number
}

/**
 * HAProxy's runtime API on its admin socket. Source: HAProxy Management Guide 2.6, section 9.3.
 *
 * Every method throws CodedError `step-failed` where HAProxy does not answer within 2 s or refuses the command.
 */
export class ProxyAdmin {
  readonly #socket: string

  constructor(socket: string) {
    this.#socket = socket
  }

  /** The running process; undefined where none answers on the socket. */
  async info(): Promise<ProxyInfo | undefined> {
    const text = await this.#ask('show info').catch((error: unknown) => {
      if (isAbsent(error)) return undefined
      throw error
    })
    if (text === undefined) return undefined
    const fields = new Map(
      text.split('\n').map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon), line.slice(colon + 1).trim()]
      })
    )
    return {
      pid: Number(fields.get('Pid')),
      node: fields.get('node') ?? '',
      uptimeSeconds: Number(fields.get('Uptime_sec'))
    }
  }

  /** All slots of the backend, in the order of the configuration. */
  async slots(): Promise<readonly SlotState[]> {
    return (await this.#statistics(`${backend} 4 -1`)).map((value) => {
      return {
        name: value('svname'),
        port: Number(value('addr').split(':').at(-1)),
        status: statusOf(value('status')),
        healthy: Number(value('check_health')) >= Number(value('check_rise')),
        check: checkWords(value('check_status'), value('check_code'), value('last_chk')),
        sessions: Number(value('scur')) + Number(value('qcur')),
        requests: Number(value('stot')),
        serverErrors: Number(value('hrsp_5xx'))
      }
    })
  }

  /** Rate, errors and the latest requests of the frontend. */
  async traffic(): Promise<ProxyTraffic> {
    const [[value], events] = await Promise.all([
      this.#statistics(`${frontend} 1 -1`),
      this.#ask(`show events ${requestRing}`)
    ])
    if (value === undefined) throw refused('show stat', `no frontend ${frontend}`)
    return {
      requestsPerSecond: Number(value('req_rate')),
      requests: Number(value('req_tot')),
      serverErrors: Number(value('hrsp_5xx')),
      latest: parseRequests(events)
    }
  }

  /** Puts a task into a free slot and waits until its health checks pass. Throws CodedError `rollout-failed` where they do not within `limitMs`. */
  async attach(slot: string, port: number, limitMs: number, signal: AbortSignal): Promise<void> {
    await this.#set(slot, `addr 127.0.0.1 port ${port}`)
    // A server that leaves maintenance counts as up before it was ever asked. Draining, it is asked and gets no requests.
    await this.#set(slot, 'state drain')
    await this.#set(slot, 'health down')
    const state = await this.#until(slot, limitMs, signal, ({ healthy }) => healthy)
    if (!state.healthy)
      throw new CodedError(
        'rollout-failed',
        `the load balancer does not find the task on port ${port} healthy within ${limitMs / 1000} s: ${state.check}`,
        { remedy: 'Read the log of the task below; compare path and codes of the health check with it.' }
      )
    await this.#set(slot, 'state ready')
  }

  /** Gives a slot no new requests and waits until it has finished those it has; false where it still has some after `limitMs`. */
  async drain(slot: string, limitMs: number, signal: AbortSignal): Promise<boolean> {
    await this.#set(slot, 'state drain')
    return (await this.#until(slot, limitMs, signal, ({ sessions }) => sessions === 0)).sessions === 0
  }

  /** Frees a slot. */
  async release(slot: string): Promise<void> {
    await this.#set(slot, 'state maint')
    await this.#ask(`shutdown sessions server ${backend}/${slot}`)
  }

  /** Puts a new certificate and key into use, without a reload. */
  async replaceCertificate(path: string, pem: string): Promise<void> {
    const reply = await this.#ask(`set ssl cert ${path} <<\n${pem.trim()}\n`)
    if (!reply.includes('Transaction')) throw refused(`set ssl cert ${path}`, reply)
    const commit = await this.#ask(`commit ssl cert ${path}`)
    if (!commit.includes('Success')) throw refused(`commit ssl cert ${path}`, commit)
  }

  /** Rows of `show stat`, each as a function from the name of a column to its text. */
  async #statistics(what: string): Promise<readonly ((column: string) => string)[]> {
    const [head = '', ...rows] = (await this.#ask(`show stat ${what}`)).trim().split('\n')
    const columns = head.replace(/^# /, '').split(',')
    return rows.map((row) => {
      const values = row.split(',')
      return (column) => values[columns.indexOf(column)] ?? ''
    })
  }

  async #set(slot: string, what: string): Promise<void> {
    const command = `set server ${backend}/${slot} ${what}`
    const reply = await this.#ask(command)
    // HAProxy answers nothing, or in words: what it changed, or what is wrong.
    if (reply !== '' && !/changed from|no need to change/.test(reply)) throw refused(command, reply)
  }

  async #until(
    slot: string,
    limitMs: number,
    signal: AbortSignal,
    done: (state: SlotState) => boolean
  ): Promise<SlotState> {
    const end = performance.now() + limitMs
    for (;;) {
      const state = (await this.slots()).find(({ name }) => name === slot)
      if (state === undefined) throw refused('show stat', `no slot ${slot}`)
      if (done(state) || performance.now() >= end) return state
      await sleep(25, undefined, { signal })
    }
  }

  #ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#socket)
      let reply = ''
      socket.setEncoding('utf8').setTimeout(2000)
      socket.on('data', (chunk: string) => (reply += chunk))
      socket.on('end', () => {
        resolve(reply.trim())
      })
      socket.on('error', (cause) => {
        reject(
          new CodedError('step-failed', `the load balancer does not answer: ${cause.message}`, {
            remedy: 'Run `make deploy` again; it starts the load balancer anew.',
            cause
          })
        )
      })
      socket.on('timeout', () => {
        socket.destroy(refused(command.split('\n')[0] ?? '', 'no answer within 2 s'))
      })
      socket.end(`${command}\n`)
    })
  }
}

// Source: HAProxy Management Guide 2.6, section 9.1 field 17 "status": UP, DOWN, NOLB, MAINT, "UP 1/2", "no check", DRAIN.
function statusOf(text: string): SlotState['status'] {
  if (text.startsWith('MAINT')) return 'maintenance'
  if (text.startsWith('DRAIN') || text.startsWith('NOLB')) return 'drain'
  return text.startsWith('UP') ? 'up' : 'down'
}

/** No process behind the socket: the file is not there, or nobody listens. */
function isAbsent(error: unknown): boolean {
  const cause = error instanceof CodedError ? error.cause : error
  return ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTDIR'].includes(errorCode(cause) ?? '')
}

function refused(command: string, reply: string): CodedError {
  return new CodedError('step-failed', `HAProxy refused ${JSON.stringify(command)}: ${reply}`, {
    remedy: 'Run `make deploy` again; it starts the load balancer anew where it does not answer.'
  })
}

/**
 * The last health check in HAProxy's words. While a check runs, HAProxy puts `* ` before the result of the last one and
 * gives 0 for its code. Source: HAProxy management guide, 9.1, fields check_status and check_code.
 */
export function checkWords(status: string, code: string, last: string): string {
  const running = status.startsWith('* ')
  return [running ? status.slice(2) : status, running ? '' : code, last].filter(Boolean).join(' ')
}

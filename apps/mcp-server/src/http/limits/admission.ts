import type { IncomingMessage } from 'node:http'
import { localPrincipal, type Principal } from '../../principal.ts'
import { anonymousPrincipal } from '../authentication/authenticate.ts'
import type { Lifecycle } from '../lifecycle.ts'
import { Refusal } from '../refusal.ts'
import { clientAddress } from './client-address.ts'
import { rateTable } from './rate-table.ts'

export interface AdmissionOptions {
  readonly maxHeaders: number
  readonly maxConcurrentRequests: number
  /** Requests per second; 0: no limit. */
  readonly ratePerAddress: number
  /** Requests per second; 0: no limit. */
  readonly ratePerPrincipal: number
  readonly proxyHops: number
}

/** What a request must pass before anything of it is read or checked. */
export interface Admission {
  /** Throws Refusal 431, 503 or 429. */
  admit(request: IncomingMessage, now: number): void
  /** Throws Refusal 429 for a principal that asks too often. Those that nobody told apart are counted by address alone. */
  admitPrincipal(principal: Principal, now: number): void
  /** Addresses and principals remembered now. */
  readonly remembered: number
}

/** Most keys of each table: some 2 MB. */
const maxKeys = 10_000

export function admission(options: AdmissionOptions, lifecycle: Lifecycle): Admission {
  const { maxHeaders, maxConcurrentRequests, proxyHops } = options
  const addresses = tableOf(options.ratePerAddress)
  const principals = tableOf(options.ratePerPrincipal)
  return {
    admit: (request, now) => {
      // names and values stand in turn
      if (request.rawHeaders.length > maxHeaders * 2)
        throw new Refusal(431, `There are more than ${String(maxHeaders)} headers`, {
          reason: 'header-count'
        })
      if (lifecycle.inFlight > maxConcurrentRequests)
        throw new Refusal(503, 'Too many requests at once', {
          headers: { 'Retry-After': '1' },
          reason: 'concurrency'
        })
      if (addresses === undefined) return
      const address = clientAddress(request, proxyHops)
      if (address !== undefined) refuseAbove(addresses.take(address, now), 'rate-address')
    },
    admitPrincipal: (principal, now) => {
      if (principals !== undefined && principal !== localPrincipal && principal !== anonymousPrincipal)
        refuseAbove(principals.take(principal.id, now), 'rate-principal')
    },
    get remembered() {
      return (addresses?.size ?? 0) + (principals?.size ?? 0)
    }
  }
}

function tableOf(perSecond: number): ReturnType<typeof rateTable> | undefined {
  return perSecond === 0 ? undefined : rateTable({ perSecond, max: maxKeys })
}

function refuseAbove(waitSeconds: number, reason: string): void {
  if (waitSeconds > 0)
    throw new Refusal(429, 'Too many requests', {
      headers: { 'Retry-After': String(waitSeconds) },
      reason
    })
}

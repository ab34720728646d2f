import { isLoopback } from './loopback.ts'

/** What says from where a server can be reached. */
export interface Exposure {
  /** The address it listens on. */
  readonly host: string
  /** Proxies of ours before it. */
  readonly proxyHops: number
  /** Names that it answers under; undefined: those of loopback. */
  readonly allowedHosts: readonly string[] | undefined
}

/**
 * Whether only this machine reaches a server. One that listens on loopback may have a proxy or a tunnel before it; who
 * says so, by a proxy or by another name, does not get what only this machine may.
 */
export function isLocal({ host, proxyHops, allowedHosts = [] }: Exposure): boolean {
  return (
    isLoopback(host) && proxyHops === 0 && allowedHosts.every((name) => isLoopback(name.replace(/:\d+$/, '')))
  )
}

import type { IncomingMessage } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { isLoopback } from '../../loopback.ts'

/**
 * The address that requests are counted under; undefined for a connection from this machine itself. Behind proxies of ours, `hops` many,
 * it is the one that the first of them saw: every proxy appends what it sees to X-Forwarded-For, and what stands left
 * of ours anybody could have written. Addresses of IPv6 count by their /64, of which a caller has all.
 */
export function clientAddress(request: IncomingMessage, hops: number): string | undefined {
  const address = hops > 0 ? forwarded(request, hops) : undefined
  return address === undefined ? neighbour(request.socket) : keyOf(address)
}

/** The other end of each connection, worked out once: most send many requests. */
const neighbours = new WeakMap<Socket, { readonly key: string | undefined }>()

function neighbour(socket: Socket): string | undefined {
  const known = neighbours.get(socket)
  if (known !== undefined) return known.key
  const { remoteAddress: address = '' } = socket
  const found = { key: isLoopback(address) ? undefined : keyOf(address) }
  neighbours.set(socket, found)
  return found.key
}

function forwarded(request: IncomingMessage, hops: number): string | undefined {
  const header = request.headers['x-forwarded-for']
  const list = (typeof header === 'string' ? header : '').split(',')
  // one entry for each proxy passed: on a way with fewer of them the first entry is already the one of the first
  const address = list.at(-Math.min(hops, list.length))?.trim() ?? ''
  return isIP(address) === 0 ? undefined : address
}

function keyOf(address: string): string {
  if (isIP(address) !== 6) return address
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail = ''] = address.toLowerCase().replace(/%.*$/, '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const gap = address.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

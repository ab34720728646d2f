import { expect, test } from '@jest/globals'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { clientAddress } from './client-address.ts'

function from(remoteAddress: string, forwarded?: string): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
  const request = new IncomingMessage(socket)
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded
  return request
}

test.each([
  ['192.0.2.1', undefined, 0, '192.0.2.1'],
  ['::ffff:192.0.2.1', undefined, 0, '192.0.2.1'],
  ['2001:db8:0:1:2:3:4:5', undefined, 0, '2001:db8:0:1::/64'],
  ['2001:db8::1', undefined, 0, '2001:db8:0:0::/64'],
  ['2001:0DB8::', undefined, 0, '2001:db8:0:0::/64'],
  ['fe80::1%eth0', undefined, 0, 'fe80:0:0:0::/64'],
  ['127.0.0.1', undefined, 0, undefined],
  ['::1', undefined, 0, undefined],
  // without proxies of ours the header is anybody's text
  ['192.0.2.1', '198.51.100.7', 0, '192.0.2.1'],
  ['10.0.0.1', '198.51.100.7', 1, '198.51.100.7'],
  ['10.0.0.1', 'made up, 203.0.113.9, 198.51.100.7', 1, '198.51.100.7'],
  ['10.0.0.1', 'made up, 203.0.113.9, 198.51.100.7', 2, '203.0.113.9'],
  ['10.0.0.1', '198.51.100.7', 2, '198.51.100.7'],
  // a proxy on this machine may write it, and so may whoever is before the proxy
  ['10.0.0.1', '127.0.0.1', 1, '127.0.0.1'],
  ['127.0.0.1', '::ffff:127.0.0.1', 1, '127.0.0.1'],
  ['127.0.0.1', '::1', 1, '0:0:0:0::/64'],
  ['127.0.0.1', undefined, 1, undefined],
  ['10.0.0.1', 'nonsense', 1, '10.0.0.1'],
  ['10.0.0.1', undefined, 1, '10.0.0.1']
])('%s with X-Forwarded-For %s and %d proxies counts as %s', (remote, forwarded, hops, expected) => {
  expect(clientAddress(from(remote, forwarded), hops)).toBe(expected)
})

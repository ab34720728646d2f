import { expect, test } from '@jest/globals'
import { isLocal } from './exposure.ts'

test.each([
  ['127.0.0.1', 0, undefined, true],
  ['::1', 0, ['localhost', 'localhost:8000', '127.0.0.1:80', '[::1]', '[::1]:8000'], true],
  ['0.0.0.0', 0, undefined, false],
  ['127.0.0.1', 1, undefined, false],
  ['127.0.0.1', 0, ['localhost', 'mcp.example.org'], false],
  ['127.0.0.1', 0, ['*'], false]
])(
  'on %s behind %d proxies, answering to %j, only this machine reaches it: %s',
  (host, proxyHops, allowedHosts, local) => {
    expect(isLocal({ host, proxyHops, allowedHosts })).toBe(local)
  }
)

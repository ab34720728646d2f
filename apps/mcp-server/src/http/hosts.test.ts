import { describe, expect, test } from '@jest/globals'
import { hostCheck, originCheck } from './hosts.ts'

describe('hostCheck', () => {
  const loopback = hostCheck(undefined)
  test.each(['localhost', 'localhost:8443', '127.0.0.1:8001', '[::1]:8000', 'LOCALHOST:1'])(
    'by default %s passes',
    (host) => {
      expect(loopback(host)).toBe(true)
      expect(loopback(host)).toBe(true)
    }
  )
  test.each([
    undefined,
    '',
    'example.org',
    'localhost.example.org',
    'example.org:8000',
    '127.0.0.2',
    '0.0.0.0',
    'localhost:',
    'localhost:80:80',
    'localhost/x',
    'user@localhost',
    'localhost\u0000',
    '::1'
  ])('by default %j does not pass', (host) => {
    expect(loopback(host)).toBe(false)
  })

  test('a name in the list passes with any port, a name with a port only with that one', () => {
    const check = hostCheck(['a.example', 'b.example:8443'])
    expect(['a.example', 'a.example:1', 'b.example:8443'].map(check)).toEqual([true, true, true])
    expect(['b.example', 'b.example:1', 'localhost'].map(check)).toEqual([false, false, false])
  })

  test('* lets every well-formed host pass and nothing else', () => {
    const check = hostCheck(['*'])
    expect(['anything.example:1', '[fe80::1]'].map(check)).toEqual([true, true])
    expect(['', '<script>', 'a b'].map(check)).toEqual([false, false, false])
  })

  test('more hosts than are remembered are still told apart', () => {
    const check = hostCheck(['*'])
    for (let index = 0; index < 200; index++) expect(check(`host${String(index)}`)).toBe(true)
    expect(check('a b')).toBe(false)
  })
})

describe('originCheck', () => {
  const loopback = originCheck(undefined)
  test.each([
    undefined,
    'http://localhost:6274',
    'https://localhost:8443',
    'http://[::1]',
    'http://127.0.0.1:1'
  ])('by default %j passes', (origin) => {
    expect(loopback(origin)).toBe(true)
  })
  test.each([
    'null',
    '',
    'https://example.org',
    'ftp://localhost',
    'http://localhost.example.org',
    'http://localhost/x'
  ])('by default %j does not pass', (origin) => {
    expect(loopback(origin)).toBe(false)
  })
  test('a list replaces the default', () => {
    const check = originCheck(['https://app.example', 'null'])
    expect([undefined, 'https://app.example', 'HTTPS://APP.EXAMPLE', 'null'].map(check)).toEqual([
      true,
      true,
      true,
      true
    ])
    expect(['http://localhost', 'https://app.example:8443'].map(check)).toEqual([false, false])
  })
})

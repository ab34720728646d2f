import { expect, test } from '@jest/globals'
import { isLoopback } from './loopback.ts'

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.10', '::1', '[::1]', '::ffff:127.0.0.1'])(
  '%s is this machine',
  (host) => {
    expect(isLoopback(host)).toBe(true)
  }
)

test.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.evil.example', '127.evil.example', '1127.0.0.1', ''])(
  '%s is not',
  (host) => {
    expect(isLoopback(host)).toBe(false)
  }
)

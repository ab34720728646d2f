import { expect, test } from '@jest/globals'
import { principalHashes } from './hash-principal.ts'

test('the same principal is called the same by every replica, and never by its name', () => {
  const principal = { id: 'https://issuer.example#alice', scopes: new Set<never>(), token: undefined }
  const hash = principalHashes()(principal)
  expect(hash).toMatch(/^[\w-]{16}$/)
  expect(principalHashes()({ ...principal })).toBe(hash)
  expect(principalHashes()({ ...principal, id: 'bob' })).not.toBe(hash)
})

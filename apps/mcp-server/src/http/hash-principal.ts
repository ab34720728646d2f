import { createHash } from 'node:crypto'
import type { Principal } from '../principal.ts'

/** What the log calls a principal: the same for the same one in every replica, and not the name itself. Made once for each. */
export function principalHashes(): (principal: Principal) => string {
  const hashes = new WeakMap<Principal, string>()
  return (principal) => {
    const known = hashes.get(principal)
    if (known !== undefined) return known
    const hash = createHash('sha256').update(principal.id).digest('base64url').slice(0, 16)
    hashes.set(principal, hash)
    return hash
  }
}

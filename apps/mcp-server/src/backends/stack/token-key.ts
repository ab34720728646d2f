import { createHash } from 'node:crypto'

/** What stands for a token as the key of a cache: equal only for equal tokens, and useless to whoever reads it. */
export function tokenKey(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

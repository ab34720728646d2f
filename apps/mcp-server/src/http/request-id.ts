import { randomBytes } from 'node:crypto'

const givenId = /^[\w.:=-]{1,128}$/

/** Ids for requests: the client's own X-Request-Id where it is harmless, else a new one, unique over processes. */
export function requestIds(): (given: string | string[] | undefined) => string {
  const prefix = randomBytes(6).toString('base64url')
  let count = 0
  return (given) =>
    typeof given === 'string' && givenId.test(given) ? given : `${prefix}.${(++count).toString(36)}`
}

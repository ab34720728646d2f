import { z } from 'zod'
import type { CatalogConfig } from './catalog-config.ts'
import { RecentMap } from './recent-map.ts'
import { stackFetch } from './stack-fetch.ts'
import { tokenKey } from './token-key.ts'

/** Temporary credentials for AWS, as its SDK takes them. */
export interface StackCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

export interface CredentialsOptions {
  readonly catalog: () => Promise<CatalogConfig>
  readonly timeoutSeconds: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

const schema = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  SessionToken: z.string().min(1),
  Expiration: z.coerce.date()
})

/** Credentials that end within this time are no longer given out: a call that begins now should end before them. */
const marginMilliseconds = 5 * 60_000
const maxCallers = 1000

/**
 * Exchanges callers' tokens for AWS credentials and keeps them per token, so that nobody is ever given another's; until
 * five minutes before they end, for the 1,000 callers seen last. Calls of one caller at the same time share one exchange.
 */
export class CredentialsExchange {
  readonly #options: CredentialsOptions
  readonly #known = new RecentMap<Promise<StackCredentials>>(maxCallers)

  constructor(options: CredentialsOptions) {
    this.#options = options
  }

  /** Throws ToolFailure where the stack does not give any. */
  async get(token: string): Promise<StackCredentials> {
    const key = tokenKey(token)
    const known = this.#known.get(key)
    if (known !== undefined) {
      const { now = Date.now } = this.#options
      const credentials = await known
      if (now() < credentials.expiration.getTime() - marginMilliseconds) return credentials
      this.#known.delete(key, known)
    }
    // another call may have begun the exchange while this one waited
    return this.#known.get(key) ?? this.#begin(key, token)
  }

  /** Forgets the credentials of a caller, which AWS has refused. */
  forget(token: string): void {
    const key = tokenKey(token)
    const known = this.#known.get(key)
    if (known !== undefined) this.#known.delete(key, known)
  }

  #begin(key: string, token: string): Promise<StackCredentials> {
    const asked = this.#exchange(token)
    this.#known.set(key, asked)
    asked.catch(() => {
      this.#known.delete(key, asked)
    })
    return asked
  }

  async #exchange(token: string): Promise<StackCredentials> {
    const { catalog, timeoutSeconds } = this.#options
    const { registryUrl } = await catalog()
    const answer = await stackFetch({
      what: 'AWS credentials',
      url: `${registryUrl}/api/auth/get_credentials`,
      token,
      schema,
      // shared by all calls of this caller, so no one of them may end it
      signal: new AbortController().signal,
      timeoutSeconds
    })
    return {
      accessKeyId: answer.AccessKeyId,
      secretAccessKey: answer.SecretAccessKey,
      sessionToken: answer.SessionToken,
      expiration: answer.Expiration
    }
  }
}

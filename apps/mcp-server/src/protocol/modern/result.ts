import type { Answer } from '../method.ts'

/** Who answers, as initialize says it to older revisions. */
export interface ServerInfo {
  readonly name: string
  readonly version: string
  readonly title?: string | undefined
}

/** Key of the server's own description in the `_meta` of every result. */
const serverInfoKey = 'io.modelcontextprotocol/serverInfo'

/**
 * How long a client may keep what it was told, by method: lists change with a new version of the server only. Nothing
 * is public, since headers and principals may narrow a list. Source: MCP 2026-07-28, "Caching".
 */
export const cacheHints = {
  'server/discover': { ttlMs: 60_000, cacheScope: 'private' },
  'tools/list': { ttlMs: 60_000, cacheScope: 'private' },
  'prompts/list': { ttlMs: 60_000, cacheScope: 'private' },
  'resources/list': { ttlMs: 60_000, cacheScope: 'private' },
  'resources/templates/list': { ttlMs: 60_000, cacheScope: 'private' },
  'resources/read': { ttlMs: 0, cacheScope: 'private' }
} as const

const hints: ReadonlyMap<string, { readonly ttlMs: number; readonly cacheScope: string }> = new Map(
  Object.entries(cacheHints)
)

/** A result as JSON, and its length in UTF-8 where it is known. */
export interface ResultText {
  readonly json: string
  readonly bytes: number | undefined
}

/** Writes results as the newest revision has them: with their type, who answers, and how long to keep what is kept. */
export class ModernResults {
  readonly #meta: Readonly<Record<string, unknown>>
  readonly #tails = new Map<string, string>()
  readonly #fixed = new WeakMap<Answer, ResultText>()

  constructor(serverInfo: ServerInfo) {
    this.#meta = { [serverInfoKey]: serverInfo }
  }

  /** The result of a method as JSON text. That of an answer that never changes is made, and measured, once. */
  text(method: string, answer: Answer): ResultText {
    if (answer.json === undefined) return { json: this.#write(method, answer), bytes: undefined }
    const made = this.#fixed.get(answer)
    if (made !== undefined) return made
    const json = this.#write(method, answer)
    const text = { json, bytes: Buffer.byteLength(json) }
    this.#fixed.set(answer, text)
    return text
  }

  #write(method: string, { result, json = JSON.stringify(result) }: Answer): string {
    if ('_meta' in result || 'ttlMs' in result || 'cacheScope' in result)
      return JSON.stringify({
        ...hints.get(method),
        resultType: 'complete',
        ...result,
        _meta: {
          ...this.#meta,
          ...('_meta' in result && typeof result._meta === 'object' ? result._meta : {})
        }
      })
    // what comes last is the same for every result of a method
    return `${json.slice(0, -1)}${json === '{}' ? '' : ','}${this.#tail(method)}`
  }

  #tail(method: string): string {
    const known = this.#tails.get(method)
    if (known !== undefined) return known
    const tail = JSON.stringify({
      resultType: 'complete',
      ...hints.get(method),
      _meta: this.#meta
    }).slice(1)
    this.#tails.set(method, tail)
    return tail
  }
}

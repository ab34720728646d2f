import { isId, isObject, type RawRequest } from './message.ts'

// The schemas of requests take longer than many an answer. Most requests have nothing in them that only a schema could
// judge, and that is seen here: each function gives what the answer needs of what the schema would give, or undefined.

export interface PlainCall {
  readonly params: {
    readonly name: string
    readonly arguments?: Readonly<Record<string, unknown>> | undefined
  }
}

/** The params of tools/call. */
export function plainCall({ params }: RawRequest): PlainCall | undefined {
  if (!isObject(params)) return undefined
  const { name, arguments: args, _meta: meta } = params
  if (typeof name !== 'string' || !isPlainMeta(meta) || hasMore(params, 1 + given(args) + given(meta)))
    return undefined
  if (args === undefined) return { params: { name } }
  // a key of that name would be no property of a copy
  return isObject(args) && !Object.hasOwn(args, '__proto__')
    ? { params: { name, arguments: args } }
    : undefined
}

export interface PlainPage {
  readonly params?: { readonly cursor?: string | undefined } | undefined
}

const firstPage: PlainPage = { params: {} }

/** The params of a list. */
export function plainPage({ params }: RawRequest): PlainPage | undefined {
  if (params === undefined) return firstPage
  if (!isObject(params)) return undefined
  const { cursor, _meta: meta } = params
  if (!isPlainMeta(meta) || hasMore(params, given(cursor) + given(meta))) return undefined
  if (cursor === undefined) return firstPage
  return typeof cursor === 'string' ? { params: { cursor } } : undefined
}

function hasMore(params: object, members: number): boolean {
  return Object.keys(params).length > members
}

function given(value: unknown): 0 | 1 {
  return value === undefined ? 0 : 1
}

/** Whether `_meta` has nothing that the schemas look at, but for a token as it should be. */
function isPlainMeta(meta: unknown): boolean {
  if (meta === undefined) return true
  if (!isObject(meta) || 'io.modelcontextprotocol/related-task' in meta) return false
  const { progressToken: token } = meta
  return token === undefined || isId(token)
}

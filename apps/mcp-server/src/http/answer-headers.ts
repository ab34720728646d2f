export interface AnswerHeadersOptions {
  /** Origins whose pages may call the server; undefined: none may. */
  readonly allowedOrigins: readonly string[] | undefined
  /** Clients reach the server by https alone, and should not try anything else. */
  readonly httpsOnly: boolean
}

/** Headers of answers, name and value in turn, as writeHead takes them. */
export interface AnswerHeaders {
  /** What every answer to a request with this Origin has. */
  of(origin: string | undefined): readonly string[]
  /** What the answer to a browser that asks first has besides; undefined where pages of that origin may not call. Source: the Fetch standard, "CORS-preflight fetch". */
  preflight(origin: string | undefined): readonly string[] | undefined
}

const preflightHeaders = [
  'Access-Control-Allow-Methods',
  'GET, POST, DELETE',
  // the star is for the headers that revisions and tools name after themselves; it does not cover Authorization
  'Access-Control-Allow-Headers',
  'Authorization, *',
  'Access-Control-Max-Age',
  '600'
]

const exposed = 'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, X-Request-Id'

/** All lists are made here, once. */
export function answerHeaders({ allowedOrigins, httpsOnly }: AnswerHeadersOptions): AnswerHeaders {
  const plain = [
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
    ...(httpsOnly ? ['Strict-Transport-Security', 'max-age=31536000'] : []),
    ...(allowedOrigins === undefined ? [] : ['Vary', 'Origin'])
  ]
  const ofOrigin = new Map(
    allowedOrigins?.map((origin) => [
      origin,
      [...plain, 'Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', exposed]
    ])
  )
  return {
    of: (origin) => (origin === undefined ? plain : (ofOrigin.get(origin.toLowerCase()) ?? plain)),
    preflight: (origin) =>
      origin !== undefined && ofOrigin.has(origin.toLowerCase()) ? preflightHeaders : undefined
  }
}

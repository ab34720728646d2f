import type { Identity } from '../identity.ts'
import { modernRevision } from '../protocol/modern/claims.ts'
import { revisions } from '../protocol/revisions.ts'
import type { Tool } from '../tools/tool.ts'
import { connections } from './connections.ts'
import type { HttpContext } from './context.ts'
import { landingPage } from './landing-page.ts'
import { Refusal } from './refusal.ts'

export interface Described {
  readonly identity: Identity
  readonly tools: readonly Tool[]
}

/**
 * GET /mcp. A client that wants a stream gets 405, since this door has none; anybody else gets a description of the
 * server: a page for a browser, JSON for programs. Source: MCP, "Transports", listening for messages from the server.
 */
export function describeServer(described: Described): (ctx: HttpContext) => void {
  return (ctx) => {
    const accept = ctx.req.headers.accept ?? ''
    if (accept.includes('text/event-stream'))
      throw new Refusal(405, 'This server sends no stream of its own; send messages with POST', {
        headers: { Allow: 'POST' }
      })
    const url = endpoint(ctx)
    ctx.set('Vary', 'Accept')
    if (accept.includes('text/html')) {
      ctx.set(
        'Content-Security-Policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
      )
      ctx.type = 'html'
      ctx.body = landingPage(described, url)
    } else ctx.body = description(described, url)
  }
}

function description({ identity, tools }: Described, url: string): object {
  return {
    ...identity,
    endpoint: url,
    transport: 'streamable-http',
    protocolVersions: [...revisions, modernRevision],
    tools: tools.map(({ name, title }) => ({ name, title })),
    connect: Object.fromEntries(connections(url).map(({ client, text }) => [client, text]))
  }
}

/** The address the client used, as far as the proxy before us says; the Host was checked before. */
function endpoint(ctx: HttpContext): string {
  const scheme = ctx.req.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'
  return `${scheme}://${ctx.req.headers.host ?? 'localhost'}/mcp`
}

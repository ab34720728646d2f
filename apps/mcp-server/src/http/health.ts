import type { Identity } from '../identity.ts'
import type { HttpContext } from './context.ts'
import type { Lifecycle } from './lifecycle.ts'

/** Liveness: 200 as long as the process answers, with version, full SHA and uptime in seconds. */
export function health(identity: Identity, uptime: () => number): (ctx: HttpContext) => void {
  return (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = {
      status: 'ok',
      version: identity.version,
      revision: identity.revision,
      uptime: Math.round(uptime() * 1000) / 1000
    }
  }
}

/** Readiness: 200, or 503 once the server is about to stop. */
export function ready(lifecycle: Lifecycle): (ctx: HttpContext) => void {
  return (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.status = lifecycle.draining ? 503 : 200
    ctx.body = { status: lifecycle.draining ? 'draining' : 'ready' }
  }
}

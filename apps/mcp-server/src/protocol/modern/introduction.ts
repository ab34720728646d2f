import { z } from 'zod'
import { localPrincipal } from '../../principal.ts'
import type { Logger } from '../../logger.ts'
import type { Method } from '../method.ts'
import { newestRevision } from '../revisions.ts'

const introduction = z.object({
  capabilities: z.record(z.string(), z.looseObject({})),
  serverInfo: z.object({ name: z.string(), version: z.string(), title: z.string().optional() }),
  instructions: z.string().optional()
})

/** What a server says of itself. */
export type Introduction = z.output<typeof introduction>

/** What a map of methods says of its server in answer to initialize, which the newest revision has no more. */
export async function introductionOf(
  methods: ReadonlyMap<string, Method>,
  log: Logger
): Promise<Introduction> {
  const params = {
    protocolVersion: newestRevision,
    capabilities: {},
    clientInfo: { name: 'server', version: '0' }
  }
  return introduction.parse(await ask(methods, log, { method: 'initialize', params }))
}

/** The tools as they are listed to a client that narrows nothing. */
export async function listedTools(methods: ReadonlyMap<string, Method>, log: Logger): Promise<unknown> {
  const result = await ask(methods, log, { method: 'tools/list' })
  return 'tools' in result ? result.tools : undefined
}

async function ask(
  methods: ReadonlyMap<string, Method>,
  log: Logger,
  request: { readonly method: string; readonly params?: object }
): Promise<object> {
  const method = methods.get(request.method)
  if (method === undefined) return {}
  const nothing = (): void => undefined
  const { result } = await method(request, {
    signal: new AbortController().signal,
    log,
    principal: localPrincipal,
    filter: undefined,
    session: undefined,
    progress: nothing,
    notify: nothing
  })
  return result
}

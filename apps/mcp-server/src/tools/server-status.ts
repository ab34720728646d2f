import { QuiltError, type Registry } from '@fast-mcp/quilt'
import { z } from 'zod'
import { readOnly, tool } from './tool.ts'

export const serverStatus = tool({
  name: 'server_status',
  title: 'Show the state of the server',
  description:
    'Shows the version of this server, how long it runs, and the registries it serves with whether each can be read. Use it to learn which registries there are, or when other tools fail.',
  toolset: 'server',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({}),
  output: z.strictObject({
    name: z.string(),
    version: z.string(),
    revision: z.string().describe('Full SHA of the commit the server was built from'),
    uptime_seconds: z.number(),
    registries: z.array(
      z.strictObject({
        uri: z.string(),
        default: z.boolean(),
        readable: z.boolean(),
        problem: z.string().optional().describe('Why it cannot be read')
      })
    )
  }),
  examples: [{}],
  handle: async (_, context) => {
    const { identity, registries, uptime } = context.services
    const { signal } = context
    const all = await registries.all(context)
    const states = await Promise.all(
      all.map(async (registry) => ({
        uri: registry.uri,
        default: registry.uri === registries.default,
        ...(await state(registry, signal))
      }))
    )
    const readable = states.filter((one) => one.readable).length
    return {
      structured: {
        name: identity.name,
        version: identity.version,
        revision: identity.revision,
        uptime_seconds: Math.round(uptime() * 1000) / 1000,
        registries: states
      },
      line: `${identity.title} ${identity.version}; ${String(readable)} of ${String(states.length)} registries can be read.`
    }
  }
})

async function state(
  registry: Registry,
  signal: AbortSignal
): Promise<{ readable: boolean; problem?: string }> {
  try {
    await registry.packages({ limit: 1, signal })
    return { readable: true }
  } catch (error) {
    if (error instanceof QuiltError) return { readable: false, problem: `${error.message} [${error.code}]` }
    throw error
  }
}

import { QuiltError } from '@fast-mcp/quilt'
import { z } from 'zod'
import type { ServedRegistry } from '../registries.ts'
import { fittingItems } from './page.ts'
import { readOnly, tool } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'

/** Registries that are tried; a stack may have hundreds. */
const maxTried = 20

export const serverStatus = tool({
  name: 'server_status',
  title: 'Show the server',
  description: 'Version, uptime and registries. Use it when other tools fail.',
  toolset: 'server',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({}),
  output: z.strictObject({
    name: z.string().describe('Server'),
    version: z.string().describe('Short commit'),
    revision: z.string().describe('Commit'),
    uptime_seconds: z.number().describe('Since the start'),
    registries: z
      .array(
        z.strictObject({
          uri: z.string().describe('Registry URI'),
          default: z.boolean().describe('Meant where none is named'),
          read_only: z.boolean().describe('Nothing can be written there'),
          readable: z.boolean().optional().describe('It answers; missing if not tried'),
          problem: z.string().optional().describe('Why it cannot be read')
        })
      )
      .describe('{uri, default, read_only, readable, problem}')
  }),
  examples: [{}],
  handle: async (_, context) => {
    const { identity, registries, uptime } = context.services
    const all = await registries.all(context)
    const states = await Promise.all(
      all.map(async (registry, index) => ({
        uri: registry.uri,
        default: registry.uri === registries.default,
        read_only: registry.readOnly,
        ...(index < maxTried ? await state(registry, context.signal) : {})
      }))
    )
    const readable = states.filter((one) => one.readable).length
    return {
      structured: {
        name: identity.name,
        version: identity.version,
        revision: identity.revision,
        uptime_seconds: Math.round(uptime() * 1000) / 1000,
        registries: fittingItems(states)
      },
      line: `${identity.title} ${identity.version}; ${String(readable)} of ${String(states.length)} registries can be read.`
    }
  }
})

async function state(
  registry: ServedRegistry,
  signal: AbortSignal
): Promise<{ readable: boolean; problem?: string }> {
  try {
    await registry.packages({ limit: 1, signal })
    return { readable: true }
  } catch (error) {
    if (error instanceof QuiltError || error instanceof ToolFailure)
      return { readable: false, problem: `${error.message} [${error.code}]` }
    throw error
  }
}

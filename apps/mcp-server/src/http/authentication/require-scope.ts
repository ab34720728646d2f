import type { Principal } from '../../principal.ts'
import { aliases } from '../../tools/aliases.ts'
import type { Tool } from '../../tools/tool.ts'
import type { Challenges } from './challenge.ts'

/** Throws Refusal 403 for a call of a tool that the principal may not call, so that its client can ask for more. */
export type RequireScope = (message: unknown, principal: Principal) => void

/**
 * Looks at one parsed message before it is answered. In a batch the tool itself refuses: the status of an answer is
 * for all of it. Source: MCP, "Authorization", scope challenge handling.
 */
export function requireScope(tools: readonly Tool[], { insufficient }: Challenges): RequireScope {
  const writing = new Set(tools.filter(({ scope }) => scope === 'write').map(({ name }) => name))
  return (message, principal) => {
    if (principal.scopes.has('write')) return
    const name = calledTool(message)
    if (name !== undefined && writing.has(aliases.get(name)?.tool ?? name)) throw insufficient('write')
  }
}

function calledTool(message: unknown): string | undefined {
  if (!isObject(message) || message['method'] !== 'tools/call') return undefined
  const { params } = message
  return isObject(params) && typeof params['name'] === 'string' ? params['name'] : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

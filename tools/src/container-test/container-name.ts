import type { Engine } from '@fast-mcp/containers'
import { createHash } from 'node:crypto'

/** Name of a test's container: docker's store is shared by all workspaces of a machine. */
export function containerName(workspace: string, phase: string): string {
  const which = createHash('sha256').update(workspace).digest('hex').slice(0, 8)
  return `quilt-mcp-${phase}-test-${which}`
}

/** Where to look at the container of a failed test, as text for a person; empty where there is none. */
export async function leftBehind(engine: Engine, name: string): Promise<string> {
  const state = await engine.inspect(name)
  if (state === undefined) return ''
  const variables = Object.entries(engine.environment.variables).map(([key, value]) => `${key}=${value}`)
  const command = [...variables, engine.kind, 'logs', name].join(' ')
  const where = state.hostPort === undefined ? '' : ` on port ${String(state.hostPort)}`
  return `left as it is: container ${name}, ${state.state}${where}\n  its log: ${command}\n`
}

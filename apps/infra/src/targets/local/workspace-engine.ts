import { findEngine, type Engine } from '@fast-mcp/containers'
import type { TargetContext } from '../../target.ts'

/** The container engine of the workspace. Loaded only where it is used: to say how things stand takes none. */
export function workspaceEngine({
  workspace,
  environment
}: Pick<TargetContext, 'workspace' | 'environment'>): Promise<Engine> {
  return findEngine(workspace, environment)
}

import { localRegistry, type Engine } from '@fast-mcp/containers'
import { ownRegistryHost, registryAnswers } from './own-registry.ts'

/** Starts the workspace's own registry where it does not answer; true where it had to. Throws what starting it throws. */
export async function ensureRegistry(
  workspace: string,
  reference: string,
  engine: () => Promise<Engine>
): Promise<boolean> {
  const host = ownRegistryHost(workspace, reference)
  if (host === undefined || (await registryAnswers(host))) return false
  const registry = localRegistry(workspace, await engine())
  // One that is there and does not answer is of no use to anybody.
  await registry.stop()
  await registry.start()
  return true
}

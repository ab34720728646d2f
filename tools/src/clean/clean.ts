import { findEngine, localRegistry, removeStore, removeStoreFolder, type Engine } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface CleanOptions {
  readonly workspace: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly write: (text: string) => unknown
}

/** What the phases and setup leave in `.local` for themselves alone. */
const ownScratch = /^(?:container-.*|build-again|push-test|npm-ci\.log|compile-cache)$/

/**
 * Removes what the phases made: `dist`, and the images and the registry of this workspace unless a deployment lives on
 * them. Says what it removed and what it left.
 */
export async function clean({ workspace, environment, signal, write }: CleanOptions): Promise<void> {
  const settings = readPipelineEnvironment(environment)
  const local = join(workspace, '.local')
  const scratch = existsSync(local) ? (await readdir(local)).filter((name) => ownScratch.test(name)) : []
  const removed: string[] = []
  for (const path of ['dist', ...scratch.map((name) => join('.local', name))]) {
    if (!existsSync(join(workspace, path))) continue
    // A test that was interrupted has left a store there.
    await removeStoreFolder(join(workspace, path))
    removed.push(path)
  }
  const left: string[] = []
  if (isDeployed(workspace))
    left.push('images, registry and state of the live deployment (`make destroy` ends it)')
  else {
    const engine = await engineIfAny(workspace, settings, signal)
    if (existsSync(join(local, 'registry'))) {
      await stopRegistry(workspace, engine)
      await rm(join(local, 'registry'), { recursive: true, force: true })
      removed.push(join('.local', 'registry'))
    }
    if (engine !== undefined && (await removeStore(workspace, engine)))
      removed.push(join('.local', 'containers'))
    else if (existsSync(join(local, 'containers')))
      left.push('.local/containers: containers are in it, or no engine answers')
    if (existsSync(join(local, 'deployment')))
      left.push('.local/deployment: the certificate authority that clients may trust, and logs')
  }
  write(removed.length === 0 ? 'clean: nothing to remove\n' : `clean: removed ${removed.join(', ')}\n`)
  for (const what of left) write(`clean: left ${what}\n`)
}

/** The local target keeps this file from deploy to destroy. */
function isDeployed(workspace: string): boolean {
  return existsSync(join(workspace, '.local', 'deployment', 'state.json'))
}

async function engineIfAny(
  workspace: string,
  settings: Parameters<typeof findEngine>[1],
  signal: AbortSignal
): Promise<Engine | undefined> {
  try {
    return await findEngine(workspace, settings, { signal })
  } catch (error) {
    if (error instanceof CodedError && error.code === 'engine-unavailable') return undefined
    throw error
  }
}

/** A registry whose state cannot be read, or for which there is no program any more, cannot be running as ours. */
async function stopRegistry(workspace: string, engine: Engine | undefined): Promise<void> {
  try {
    await localRegistry(workspace, engine).stop()
  } catch (error) {
    if (error instanceof CodedError && ['state-invalid', 'missing-tool'].includes(error.code)) return
    throw error
  }
}

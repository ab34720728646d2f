import { existsSync } from 'node:fs'
import type { Engine } from './engine.ts'
import { imageLimitMs, must } from './engine-command.ts'
import { engineFolder } from './engine-environment.ts'
import { removeStoreFolder } from './remove-store-folder.ts'

/**
 * Removes podman's store of a workspace, images and all; false where it holds a container, running or not, or there is
 * none. docker's store is the machine's and stays.
 */
export async function removeStore(workspace: string, engine: Engine): Promise<boolean> {
  const folder = engineFolder(workspace)
  if (engine.kind !== 'podman' || !existsSync(folder)) return false
  if ((await engine.list({ labels: {} })).length > 0) return false
  // Without root the files of images belong to other users, which only podman may remove.
  const command = { program: 'podman', environment: engine.environment, signal: undefined }
  await must(command, ['image', 'rm', '--all', '--force'], { limitMs: imageLimitMs })
  await removeStoreFolder(folder)
  return true
}

import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { localRegistry, type Engine } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import type { DeploymentPaths } from './deployment-paths.ts'
import type { Proxy } from './haproxy/proxy.ts'
import { readState, type DeploymentState } from './state.ts'
import { saveTaskLog } from './tasks/task-log.ts'
import { listTasks } from './tasks/task.ts'

export interface DestroyLocal {
  readonly workspace: string
  /** The workspace's id on its containers. */
  readonly id: string
  readonly paths: DeploymentPaths
  readonly proxy: Proxy
  readonly engine: () => Promise<Engine>
  /** Certificate authority, logs, images and the registry's data go too. */
  readonly all: boolean
}

// Nobody sends requests any more once the load balancer is gone.
const stopSeconds = 10

/** Ends load balancer, tasks and registry of a workspace, found by what runs and not by the state. Says what it ended. */
export async function destroyLocal(options: DestroyLocal): Promise<readonly string[]> {
  const { workspace, id, paths, proxy, all } = options
  const ended: string[] = []
  if (await proxy.stop()) ended.push('load balancer')
  const engine = await options.engine()
  const tasks = await listTasks(engine, id)
  await Promise.all(
    tasks.map(async (task) => {
      if (task.alive) await engine.stop(task.id, stopSeconds)
      // A full disk must not leave the container there: removing it is what makes room.
      await saveTaskLog(engine, task, paths.logs).catch((error: unknown) => {
        ended.push(`the log of ${task.name}, which is lost: ${String(error)}`)
      })
      await engine.remove(task.id)
      ended.push(`task ${task.name}`)
    })
  )
  if (await localRegistry(workspace, engine).stop()) ended.push('image registry')
  const state = await stateIfReadable(paths.state)
  await rm(paths.state, { force: true })
  await rm(paths.dotenv, { force: true })
  if (!all) return ended
  for (const { image } of state?.history ?? []) await engine.removeImage(image.reference)
  await rm(paths.folder, { recursive: true, force: true })
  await rm(join(workspace, '.local/registry'), { recursive: true, force: true })
  if (!paths.proxySocket.startsWith(paths.folder))
    await rm(dirname(paths.proxySocket), { recursive: true, force: true })
  return [...ended, 'certificate authority, logs, images and the data of the registry']
}

/** A damaged state is removed like any other. */
async function stateIfReadable(path: string): Promise<DeploymentState | undefined> {
  try {
    return await readState(path)
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}

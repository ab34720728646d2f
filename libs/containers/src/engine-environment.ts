import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  containersConf,
  registriesConf,
  signaturePolicy,
  storageConf,
  type Machine
} from './engine-configuration.ts'
import { removeStoreFolder } from './remove-store-folder.ts'

/** What an engine's command, and skopeo, need to work on the workspace's own store. */
export interface EngineEnvironment {
  /** Environment variables that come on top of those of this process. */
  readonly variables: Readonly<Record<string, string>>
  /** Signature policy file for commands that take one; undefined where the engine has its own way. */
  readonly policy: string | undefined
}

/** Folder of everything an engine keeps for a workspace. */
export function engineFolder(workspace: string): string {
  return join(workspace, '.local', 'containers')
}

/**
 * Writes the engine's configuration for a workspace to `.local/containers` and gives the environment that makes podman
 * and skopeo use it: images, containers, networks and run state then live in the workspace, and no file of the machine
 * is read or changed for them. On anything but Linux the engine runs in a virtual machine: nothing is written.
 *
 * Run state of before a reboot, which podman would take for live, is removed; so is the whole store if the workspace
 * was moved, since it holds absolute paths. Quick and without effect when there is nothing to do.
 */
export async function prepareEngine(workspace: string): Promise<EngineEnvironment> {
  if (process.platform !== 'linux') return { variables: {}, policy: undefined }
  const folder = engineFolder(workspace)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await forgetOldState(folder)
  const files = {
    'containers.conf': containersConf(folder, await machine()),
    'storage.conf': storageConf(folder),
    'registries.conf': registriesConf(),
    'policy.json': signaturePolicy()
  }
  await Promise.all(Object.entries(files).map(([name, text]) => writeChanged(join(folder, name), text)))
  return {
    variables: {
      CONTAINERS_CONF: join(folder, 'containers.conf'),
      CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
      CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf')
    },
    policy: join(folder, 'policy.json')
  }
}

/**
 * The environment with a store and run state of its own in another folder, empty if the folder is: for what must not
 * see the images of the workspace. Remove its containers and then the folder afterwards. docker has one store for all:
 * its environment comes back as it is.
 */
export async function isolatedStore(
  environment: EngineEnvironment,
  folder: string
): Promise<EngineEnvironment> {
  if (process.platform !== 'linux') return environment
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const [containers, storage] = [join(folder, 'containers.conf'), join(folder, 'storage.conf')]
  await writeChanged(containers, containersConf(folder, await machine()))
  await writeChanged(storage, storageConf(folder))
  return {
    ...environment,
    variables: {
      ...environment.variables,
      CONTAINERS_CONF: containers,
      CONTAINERS_STORAGE_CONF: storage
    }
  }
}

async function machine(): Promise<Machine> {
  return {
    limits: await readFile('/proc/self/limits', 'utf8'),
    unifiedCgroups: existsSync('/sys/fs/cgroup/cgroup.controllers'),
    systemd: existsSync('/run/systemd/system')
  }
}

/** Text of a file, undefined where there is none. */
async function readIfThere(path: string): Promise<string | undefined> {
  return existsSync(path) ? readFile(path, 'utf8') : undefined
}

async function writeChanged(path: string, text: string): Promise<void> {
  if ((await readIfThere(path)) === text) return
  const aside = `${path}.${process.pid}`
  await writeFile(aside, text, { mode: 0o600 })
  await rename(aside, path)
}

async function forgetOldState(folder: string): Promise<void> {
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const file = join(folder, 'origin')
  const known = await readIfThere(file)
  const origin = `${boot}\n${folder}\n`
  if (known === origin) return
  if (known !== undefined) {
    const moved = known.split('\n')[1] !== folder
    const stale = moved ? ['storage', 'run', 'tmp', 'networks'] : ['run', 'tmp']
    await Promise.all(stale.map((name) => removeStoreFolder(join(folder, name))))
  }
  await writeChanged(file, origin)
}

import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export { inFolder, json, layerTar, sha256, writeImage, type TestImage } from './image.ts'
export {
  fillRegistry,
  startRegistry,
  type RegistryServer,
  type RegistryServerOptions
} from './registry-server.ts'

export type StandInName = 'docker' | 'podman' | 'skopeo' | 'docker-registry'

const programs: Readonly<Record<StandInName, string>> = {
  docker: 'stand-in-engine.ts',
  podman: 'stand-in-engine.ts',
  skopeo: 'stand-in-skopeo.ts',
  'docker-registry': 'stand-in-registry.ts'
}

/**
 * Puts stand-ins for container programs into `<folder>/bin` and gives that folder, for a PATH. An engine's containers
 * are plain processes, without isolation, and its store is `<folder>/store`; what was asked of it is in
 * `<folder>/calls.log`, one JSON array a line.
 */
export async function installStandIns(folder: string, names: readonly StandInName[]): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  for (const name of names) {
    const path = join(bin, name)
    const program = fileURLToPath(new URL(programs[name], import.meta.url))
    const words = [process.execPath, '--no-warnings', program, name, folder].map((word) => `'${word}'`)
    await writeFile(
      path,
      `#!/bin/sh\nNODE_COMPILE_CACHE='${join(tmpdir(), 'stand-in-compile-cache')}' exec ${words.join(' ')} "$@"\n`
    )
    await chmod(path, 0o755)
  }
  return bin
}

/** Puts a program that answers everything with this shell script into `<folder>/bin`. */
export async function installScript(folder: string, name: string, script: string): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return bin
}

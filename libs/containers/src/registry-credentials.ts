import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { errorCode } from './system-error.ts'

export interface RegistryCredentials {
  readonly username: string
  readonly password: string
}

const authFile = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional()
})

/**
 * The credentials that an auth file holds for a registry, undefined where it holds none. Without a file, those that
 * `podman login`, `skopeo login` and `docker login` write are looked at, in this order.
 *
 * Source: containers-auth.json(5).
 */
export async function registryCredentials(
  host: string,
  file?: string
): Promise<RegistryCredentials | undefined> {
  for (const path of file === undefined ? usualFiles() : [file]) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (file === undefined && errorCode(error) === 'ENOENT') return '{}'
      throw error
    })
    const auth = authFile.parse(JSON.parse(text)).auths?.[host]?.auth
    if (auth === undefined) continue
    const decoded = Buffer.from(auth, 'base64').toString('utf8')
    const colon = decoded.indexOf(':')
    if (colon > 0) return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
  }
  return undefined
}

function usualFiles(): readonly string[] {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, DOCKER_CONFIG } = process.env
  return [
    ...(REGISTRY_AUTH_FILE === undefined ? [] : [REGISTRY_AUTH_FILE]),
    ...(XDG_RUNTIME_DIR === undefined ? [] : [join(XDG_RUNTIME_DIR, 'containers', 'auth.json')]),
    join(DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json')
  ]
}

import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RegistryCredentials } from '@fast-mcp/containers'

/** Where the workspace keeps credentials for registries. */
export function authFilePath(workspace: string): string {
  return join(workspace, '.local', 'registry-auth.json')
}

/**
 * Writes credentials for one registry for skopeo and podman to read, with mode 600: they are on no command line and in
 * no log. Gives the path. Source: containers-auth.json(5).
 */
export async function writeAuthFile(
  workspace: string,
  host: string,
  { username, password }: RegistryCredentials
): Promise<string> {
  const path = authFilePath(workspace)
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const aside = `${path}.${process.pid}`
  await mkdir(dirname(path), { recursive: true })
  await writeFile(aside, `${JSON.stringify({ auths: { [host]: { auth } } })}\n`, { mode: 0o600 })
  await chmod(aside, 0o600)
  await rename(aside, path)
  return path
}

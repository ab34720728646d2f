import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { execa } from 'execa'
import { CodedError } from '@fast-mcp/errors'

/**
 * Removes a folder in which podman had a store, with nothing running from it. A podman that was interrupted leaves its
 * storage mounted on itself, and a mounted folder cannot be removed: it is unmounted first.
 * Throws CodedError `step-failed` where something there is still in use.
 */
export async function removeStoreFolder(folder: string): Promise<void> {
  for (const mount of await mountsBelow(folder)) {
    const result = await execa('umount', [mount], { reject: false, stdin: 'ignore' })
    if (result.exitCode !== 0)
      throw new CodedError('step-failed', `${mount} is in use and cannot be unmounted`, {
        evidence: result.stderr ?? '',
        remedy: 'End the containers that run from it (`make destroy`), then try again.'
      })
  }
  await rm(folder, { recursive: true, force: true })
}

/** Places below a folder where something is mounted, the deepest first. Source: proc_pid_mounts(5), fstab(5). */
async function mountsBelow(folder: string): Promise<readonly string[]> {
  if (!existsSync('/proc/self/mounts')) return []
  const text = await readFile('/proc/self/mounts', 'utf8')
  return text
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) => unescape(octal)))
    .filter((path) => path.startsWith(`${folder}/`))
    .sort()
    .reverse()
}

function unescape(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8))
}

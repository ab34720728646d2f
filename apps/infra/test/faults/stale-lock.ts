import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Leaves the lock of a pipeline that is no more, as a reboot does. */
export async function leaveStaleLock(folder: string): Promise<void> {
  const lock = {
    pid: 1,
    processStart: 'before',
    command: 'make full',
    since: new Date(0).toISOString(),
    token: 'x'
  }
  await writeFile(join(folder, '.local/lock.json'), JSON.stringify(lock))
}

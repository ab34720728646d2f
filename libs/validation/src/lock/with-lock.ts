import { CodedError, formatError } from '@fast-mcp/errors'
import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLock, isAlive, readLock, removeDeadLock, type Holder } from './lock-file.ts'
import { processStart } from './process-start.ts'

/** Carries the token of the lock to the processes that its holder starts. */
const variable = 'FAST_MCP_LOCK'

/** How often a process looks whether the one that started it still holds the lock. */
const lookEveryMs = 250

/**
 * Does the work while this process, and no other pipeline, works in the workspace: `.local/lock.json` names the
 * holder. A process started by the holder goes straight in, and takes the lock over where the holder is killed while
 * it works; where another pipeline was faster it interrupts itself. The lock of a process that is gone is taken over.
 *
 * Throws CodedError `locked` that names process, command and since when; else what the work throws.
 */
export async function withLock<T>(workspace: string, command: string, work: () => Promise<T>): Promise<T> {
  const path = join(workspace, '.local', 'lock.json')
  const inherited = process.env[variable]
  const present = await readLock(path)
  if (typeof present === 'object' && present.token === inherited && (await isAlive(present)))
    return present.pid === process.pid
      ? work()
      : whileHeld(path, await ownHolder(command, present.token), work)

  await mkdir(join(workspace, '.local'), { recursive: true })
  const holder = await ownHolder(command, randomUUID())
  await acquire(path, holder)
  process.env[variable] = holder.token
  try {
    return await work()
  } finally {
    if (inherited === undefined) Reflect.deleteProperty(process.env, variable)
    else process.env[variable] = inherited
    await release(path, holder)
  }
}

/**
 * Whether another pipeline has the lock of the workspace. Work under the lock of a process that was killed may find so:
 * whatever it did not finish is for the other one then.
 */
export async function isHeldByAnother(workspace: string): Promise<boolean> {
  const present = await readLock(join(workspace, '.local', 'lock.json'))
  return typeof present === 'object' && present.token !== process.env[variable] && (await isAlive(present))
}

/** Does the work under the lock of the process that started this one, and keeps it held should that one be killed. */
async function whileHeld<T>(path: string, holder: Holder, work: () => Promise<T>): Promise<T> {
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(() => keepHeld(path, holder))
  }, lookEveryMs).unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    await looking
    await release(path, holder)
  }
}

async function keepHeld(path: string, holder: Holder): Promise<void> {
  const present = await readLock(path)
  if (typeof present === 'object' && present.token === holder.token && (await isAlive(present))) return
  try {
    await acquire(path, holder)
  } catch (error) {
    process.stderr.write(formatError(error))
    process.kill(process.pid, 'SIGTERM')
  }
}

/** Removes the lock where it is this process's own. */
async function release(path: string, { pid, token }: Holder): Promise<void> {
  const now = await readLock(path)
  if (typeof now === 'object' && now.token === token && now.pid === pid) await rm(path, { force: true })
}

async function ownHolder(command: string, token: string): Promise<Holder> {
  return {
    pid: process.pid,
    processStart: (await processStart(process.pid)) ?? '',
    command,
    since: new Date().toISOString(),
    token
  }
}

async function acquire(path: string, holder: Holder): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await createLock(path, holder)) return
    const other = await readLock(path)
    if (typeof other === 'object' && (await isAlive(other)))
      throw new CodedError(
        'locked',
        `another pipeline is at work here: process ${String(other.pid)}, ${JSON.stringify(other.command)}, since ${other.since}`,
        { remedy: `Wait until it has ended, or stop it with \`kill ${String(other.pid)}\`.` }
      )
    if (other !== undefined && !(await removeDeadLock(path))) await sleep(100)
  }
  throw new CodedError('locked', `${path} could not be taken over from a process that is gone`, {
    remedy: `Delete ${path} and ${path}.takeover, then run the command again.`
  })
}

import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The interpreter of a virtual environment with the requirements, or why there is none. */
export type Python = { readonly interpreter: string } | { readonly missing: string }

/** Longer than an installation takes: a lock that is older was left by a process that was killed. */
const patienceMs = 240_000

/**
 * The virtual environment `.local/<name>` of the workspace with these packages, installed from the Python package index
 * when it is first asked for. Safe to call from several processes at once. Where Python or the index is missing it says so.
 */
export async function virtualEnvironment(name: string, requirements: readonly string[]): Promise<Python> {
  const folder = join(import.meta.dirname, '../../../../.local', name)
  const marker = join(folder, 'installed')
  const wanted = requirements.join('\n')
  const deadline = Date.now() + patienceMs
  while ((await readFile(marker, 'utf8').catch(() => '')) !== wanted) {
    const lock = `${folder}.lock`
    if (await takeLock(lock)) {
      try {
        await install(folder, requirements)
        await writeFile(marker, wanted)
      } catch (error) {
        const lines = (error instanceof Error ? error.message : String(error)).trimEnd().split('\n')
        return { missing: lines.at(-1) ?? 'unknown' }
      } finally {
        await rm(lock, { recursive: true, force: true })
      }
    } else {
      if (Date.now() > deadline)
        return { missing: `another process has been installing into ${folder} for too long` }
      await sleep(500)
    }
  }
  return { interpreter: join(folder, 'bin/python') }
}

async function takeLock(lock: string): Promise<boolean> {
  await mkdir(join(lock, '..'), { recursive: true })
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0
  )
  if (age > patienceMs) await rm(lock, { recursive: true, force: true })
  return await mkdir(lock).then(
    () => true,
    () => false
  )
}

async function install(folder: string, requirements: readonly string[]): Promise<void> {
  await run('python3', ['-m', 'venv', folder])
  const flags = ['--quiet', '--disable-pip-version-check']
  await run(join(folder, 'bin/python'), ['-m', 'pip', 'install', ...flags, ...requirements])
}

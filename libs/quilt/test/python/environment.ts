import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The real client, and an S3 server for it to talk to. */
const requirements = ['quilt3==8.0.0', 'moto[s3,server]==5.2.1']

/** The interpreter of a virtual environment with the requirements, or why there is none. */
export type Python = { readonly interpreter: string } | { readonly missing: string }

const folder = new URL('../../../../.local/quilt3/', import.meta.url).pathname
const marker = join(folder, 'installed')
const lock = `${folder.replace(/\/$/, '')}.lock`

/** Longer than an installation takes: a lock that is older was left by a process that was killed. */
const patienceMs = 240_000

/**
 * The workspace's virtual environment for these tests, installed from the Python package index when it is first asked for.
 * Safe to call from several processes at once. Where Python or the index is missing it says so.
 */
export async function ensurePython(): Promise<Python> {
  const deadline = Date.now() + patienceMs
  while (!(await isInstalled())) {
    if (await takeLock()) {
      try {
        return await install()
      } finally {
        await rm(lock, { recursive: true, force: true })
      }
    }
    if (Date.now() > deadline)
      return { missing: `another process has been installing into ${folder} for too long` }
    await sleep(500)
  }
  return { interpreter: join(folder, 'bin/python') }
}

async function isInstalled(): Promise<boolean> {
  return (await readFile(marker, 'utf8').catch(() => '')) === requirements.join('\n')
}

async function takeLock(): Promise<boolean> {
  await mkdir(join(folder, '..'), { recursive: true })
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

async function install(): Promise<Python> {
  try {
    await run('python3', ['-m', 'venv', folder])
    const interpreter = join(folder, 'bin/python')
    await run(interpreter, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...requirements
    ])
    await writeFile(marker, requirements.join('\n'))
    return { interpreter }
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).trimEnd().split('\n')
    return { missing: lines.at(-1) ?? 'unknown' }
  }
}

/** Says why tests of a suite are skipped. */
export function reportMissing(suite: string, python: Python): void {
  if ('missing' in python)
    process.stderr.write(
      `${suite}: skipped, since the Python client cannot be installed: ${python.missing}\n`
    )
}

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const folder = join(import.meta.dirname, '../../../../.local/aws-emulator')
const requirements = join(import.meta.dirname, 'requirements.txt')

/** A virtual environment of Python with moto and cfn-lint, or why there is none. */
export type PythonEnvironment =
  | { readonly available: true; readonly bin: string }
  | { readonly available: false; readonly reason: string }

/** The workspace's environment of the pinned packages; made at the first call, which takes about a minute. */
export async function pythonEnvironment(): Promise<PythonEnvironment> {
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
  const stamp = join(folder, 'installed')
  const bin = join(folder, 'bin')
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return { available: true, bin }
  try {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await run('python3', ['-m', 'venv', folder])
    await run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  } catch (error) {
    return { available: false, reason: `no Python with moto and cfn-lint: ${String(error).slice(0, 300)}` }
  }
  await writeFile(`${stamp}.new`, wanted)
  await rename(`${stamp}.new`, stamp)
  return { available: true, bin }
}

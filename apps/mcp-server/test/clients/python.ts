import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The Python clients, as the package index has them. */
const requirements = ['mcp==2.3.0', 'fastmcp==4.0.10']
const folder = resolve(import.meta.dirname, '../../../../.local/python-clients')
const marker = join(folder, 'installed')

/** The interpreter of a virtual environment with the clients, installed when it is first asked for, or why there is none. */
export async function pythonClients(): Promise<
  { readonly interpreter: string } | { readonly missing: string }
> {
  const interpreter = join(folder, 'bin/python')
  if ((await readFile(marker, 'utf8').catch(() => '')) === requirements.join('\n')) return { interpreter }
  try {
    await run('python3', ['-m', 'venv', folder])
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

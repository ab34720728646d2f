import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import type { Fault } from './fixture-server.ts'

const run = promisify(execFile)
const fixture = fileURLToPath(new URL('fixture-server.ts', import.meta.url))

/** Writes files below a folder: text as it is, anything else as JSON. */
export async function write(folder: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
}

/** Does the work in a new folder with these files, and removes it. */
export async function inFolder<T>(
  files: Readonly<Record<string, unknown>>,
  work: (folder: string) => Promise<T>
): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'fast-mcp-tools-')))
  try {
    await write(folder, files)
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Does the work in a new git repository with one commit that holds these files, dist/ ignored; removes it. */
export async function inRepository<T>(
  files: Readonly<Record<string, unknown>>,
  work: (folder: string) => Promise<T>
): Promise<T> {
  return inFolder({ '.gitignore': 'dist\nnode_modules\n.config\n', ...files }, async (folder) => {
    const git = (...args: readonly string[]) =>
      run('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args])
    await git('init', '-q')
    await git('add', '.')
    await git('commit', '-q', '-m', 'one')
    return work(folder)
  })
}

/** The text of a main.js that is the fixture server with a fault. */
export function fixtureMain(fault?: Fault): string {
  return `import { runFixture } from ${JSON.stringify(fixture)}\nrunFixture(${JSON.stringify(fault)})\n`
}

/** A terminal that keeps what is written. */
export function keepText(): { readonly write: (text: string) => void; readonly text: () => string } {
  let kept = ''
  return {
    write: (text) => {
      kept += text
    },
    text: () => kept
  }
}

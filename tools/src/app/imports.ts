import { fork } from 'node:child_process'
import { once } from 'node:events'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const program = fileURLToPath(new URL('import-all/main.ts', import.meta.url))

/** Those of the source files that are modules: not tests, and not programs, which would start working. */
export function modulesAmong(files: readonly string[]): readonly string[] {
  return files.filter((file) => !file.endsWith('.test.ts') && basename(file) !== 'main.ts')
}

/**
 * Imports modules, all in one fresh process, and returns what failed: path and reason. Throws an Error where the process
 * ends before it answers.
 */
export async function importModules(
  workspace: string,
  files: readonly string[],
  signal: AbortSignal
): Promise<readonly string[]> {
  const child = fork(program, { cwd: workspace, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], signal })
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000)
  })
  const ended = once(child, 'exit')
  child.send(files.map((file) => join(workspace, file)))
  const first: unknown = await Promise.race([
    once(child, 'message').then(([message]: unknown[]) => message),
    ended.then(() => undefined)
  ])
  await ended
  const failures = z.array(z.string()).safeParse(first)
  if (!failures.success) throw new Error(`a module ended the process that imports them all: ${log}`)
  return failures.data.map((failure) => failure.replaceAll(`${workspace}/`, ''))
}

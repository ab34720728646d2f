import type { Engine } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Task } from './task.ts'

/** The last lines of a task's output, stdout and stderr one after the other; empty where there is none. */
export async function taskLog(engine: Engine, task: Task, lines: number): Promise<string> {
  const { stdout, stderr } = await engine.logs(task.id, { tail: lines }).catch((error: unknown) => ({
    stdout: '',
    // A task without a log is taken away like any other; its log says why there is none.
    stderr: `the container engine gives no log: ${error instanceof CodedError ? error.message : String(error)}`
  }))
  return [stdout, stderr]
    .map((text) => text.trimEnd())
    .filter((text) => text !== '')
    .join('\n')
}

/** Keeps the log of a task that is about to be removed as `<task>.log`, its last 10,000 lines. */
export async function saveTaskLog(engine: Engine, task: Task, folder: string): Promise<void> {
  await writeAtomically(join(folder, `${task.name}.log`), `${await taskLog(engine, task, 10_000)}\n`)
}

/** Removes logs that are older than the log group keeps them. */
export async function pruneLogs(folder: string, retentionDays: number, now = Date.now()): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  await Promise.all(
    names
      .filter((name) => name.startsWith('mcp-') && name.endsWith('.log'))
      .map(async (name) => {
        const path = join(folder, name)
        if (now - (await stat(path)).mtimeMs > retentionDays * 86_400_000) await rm(path, { force: true })
      })
  )
}

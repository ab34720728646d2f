import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listTool } from '../tools/listing.ts'
import type { Tool } from '../tools/tool.ts'

/** Where the snapshots are: one file a tool, as clients see it in the list. */
export const snapshotFolder = fileURLToPath(new URL('../tools/snapshots/', import.meta.url))

/** The snapshots that the tools make now, by file name. */
export function toolSnapshots(tools: readonly Tool[]): ReadonlyMap<string, string> {
  return new Map(
    tools.map((tool) => [`${tool.name}.json`, `${JSON.stringify(listTool(tool, false), undefined, 2)}\n`])
  )
}

/** The snapshots in a folder, by file name. */
export async function readSnapshots(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const))
  )
}

/** Makes the snapshots in a folder those of the tools, and removes those of tools that are gone. */
export async function writeSnapshots(folder: string, tools: readonly Tool[]): Promise<void> {
  const current = toolSnapshots(tools)
  for (const name of (await readSnapshots(folder)).keys())
    if (!current.has(name)) await rm(join(folder, name))
  for (const [name, text] of current) {
    await writeFile(join(folder, `${name}.new`), text)
    await rename(join(folder, `${name}.new`), join(folder, name))
  }
}

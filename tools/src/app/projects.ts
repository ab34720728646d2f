import { CodedError } from '@fast-mcp/errors'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** A project of the Nx workspace. */
export interface Project {
  readonly name: string
  /** Relative to the workspace. */
  readonly root: string
  readonly targets: readonly string[]
}

const packageSchema = z.object({ workspaces: z.array(z.string()) })
const projectSchema = z.object({ name: z.string(), targets: z.record(z.string(), z.unknown()) })

/**
 * All projects, by name: every folder of the npm workspaces with a project.json. Throws CodedError `internal` for a
 * file that is not what Nx and npm expect.
 */
export async function readProjects(workspace: string): Promise<readonly Project[]> {
  const { workspaces } = await read(join(workspace, 'package.json'), packageSchema)
  const files = globSync(
    workspaces.map((folder) => `${folder}/project.json`),
    { cwd: workspace }
  )
  const projects = await Promise.all(
    files.map(async (file) => {
      const { name, targets } = await read(join(workspace, file), projectSchema)
      return { name, root: dirname(file), targets: Object.keys(targets) }
    })
  )
  return projects.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw new CodedError('internal', `${path} cannot be read as a part of the workspace`, {
      remedy: 'Restore it from git.',
      evidence: error instanceof Error ? error.message : String(error),
      cause: error
    })
  }
}

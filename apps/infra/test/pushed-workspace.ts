import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Version } from '@fast-mcp/versioning'
import type { PushedImage } from '../src/target.ts'
import { templatePath } from '../src/template-path.ts'
import { initRepository, writeCatalog } from './git-workspace.ts'
import { LocalWorkspace, quickTemplate } from './local-workspace.ts'

export interface PushedWorkspace {
  readonly workspace: LocalWorkspace
  readonly version: Version
  readonly image: PushedImage
}

/** A workspace with all that a deployment starts from: a commit, its pushed image, a template. */
export async function pushedWorkspace(): Promise<PushedWorkspace> {
  const workspace = await LocalWorkspace.create()
  const version = await initRepository(workspace.folder)
  const { image } = workspace.request('a')
  await writeCatalog(workspace.folder, version, image)
  await mkdir(dirname(templatePath(workspace.folder)), { recursive: true })
  await writeFile(templatePath(workspace.folder), quickTemplate)
  return { workspace, version, image }
}

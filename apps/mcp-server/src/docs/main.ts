// Writes docs/tools.md, docs/resources.md, the tables of docs/backends.md and docs/packages.md, the snapshots of the tools, and the table of the server's variables in README.md.
import { program } from '@fast-mcp/errors'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { tools } from '../tools/index.ts'
import { withBackendVariables } from './backends-page.ts'
import { withPackageErrors } from './packages-page.ts'
import { withServerVariables } from './readme.ts'
import { resourcesPage } from './resources-page.ts'
import { snapshotFolder, writeSnapshots } from './tool-snapshots.ts'
import { toolsPage } from './tools-page.ts'

const root = resolve(import.meta.dirname, '../../../..')

function read(name: string): Promise<string> {
  return readFile(resolve(root, name), 'utf8')
}

async function write(name: string, text: string): Promise<void> {
  const path = resolve(root, name)
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

await program(async () => {
  await write('docs/tools.md', toolsPage(tools))
  await write('docs/resources.md', resourcesPage())
  await write('docs/backends.md', withBackendVariables(await read('docs/backends.md')))
  await write('docs/packages.md', withPackageErrors(await read('docs/packages.md')))
  await writeSnapshots(snapshotFolder, tools)
  await write('README.md', withServerVariables(await read('README.md')))
  return 0
})

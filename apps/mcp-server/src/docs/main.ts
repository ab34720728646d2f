// Writes docs/tools.md, the snapshots of the tools, and the table of the server's variables in README.md.
import { program } from '@fast-mcp/errors'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { tools } from '../tools/index.ts'
import { withServerVariables } from './readme.ts'
import { snapshotFolder, writeSnapshots } from './tool-snapshots.ts'
import { toolsPage } from './tools-page.ts'

const root = resolve(import.meta.dirname, '../../../..')

async function write(name: string, text: string): Promise<void> {
  const path = resolve(root, name)
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

await program(async () => {
  await write('docs/tools.md', toolsPage(tools))
  await writeSnapshots(snapshotFolder, tools)
  await write('README.md', withServerVariables(await readFile(resolve(root, 'README.md'), 'utf8')))
  return 0
})

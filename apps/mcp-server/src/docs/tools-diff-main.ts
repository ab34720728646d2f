// Shows what the working tree does to the list of tools, against a commit: tools-diff [commit], by default HEAD.
import { program } from '@fast-mcp/errors'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { tools } from '../tools/index.ts'
import { snapshotFolder, toolSnapshots } from './tool-snapshots.ts'
import { diffTools, formatToolsDiff } from './tools-diff.ts'

const run = promisify(execFile)

/** The snapshots of a commit, by file name. */
async function committed(commit: string): Promise<ReadonlyMap<string, string>> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', [...args], { cwd: snapshotFolder, maxBuffer: 1 << 24 })).stdout
  const names = (await git('ls-tree', '--name-only', commit, './')).split('\n').filter((name) => name !== '')
  return new Map(
    await Promise.all(names.map(async (name) => [name, await git('show', `${commit}:./${name}`)] as const))
  )
}

function tokensOf(snapshots: ReadonlyMap<string, string>): number {
  return encode(
    JSON.stringify({ tools: Array.from(snapshots.values(), (text): unknown => JSON.parse(text)) })
  ).length
}

await program(async () => {
  const before = await committed(process.argv[2] ?? 'HEAD')
  const after = toolSnapshots(tools)
  process.stdout.write(
    formatToolsDiff(diffTools(before, after), { before: tokensOf(before), after: tokensOf(after) })
  )
  return 0
})

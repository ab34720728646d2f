import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const version = '2.12.0'
const folder = join(import.meta.dirname, '../../../../.local/inspector')

/** The command line of the MCP inspector, or why there is none. */
export type Inspector = { readonly program: string } | { readonly missing: string }

/**
 * The inspector as npm has it, in a folder of the workspace, installed when it is first asked for. It is no dependency:
 * with its web application it has 110 MB, and nothing of it ships.
 */
export async function inspector(): Promise<Inspector> {
  const marker = join(folder, 'installed')
  if ((await readFile(marker, 'utf8').catch(() => '')) !== version) {
    try {
      await mkdir(folder, { recursive: true })
      const flags = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error', '--prefix', folder]
      await run('npm', ['install', ...flags, `@modelcontextprotocol/inspector@${version}`], {
        timeout: 100_000
      })
      await writeFile(marker, version)
    } catch (error) {
      const lines = (error instanceof Error ? error.message : String(error)).trimEnd().split('\n')
      return { missing: lines.at(-1) ?? 'unknown' }
    }
  }
  return {
    program: join(folder, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js')
  }
}

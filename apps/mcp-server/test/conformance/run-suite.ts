import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'

/** What the suite says of one requirement in one scenario. */
export interface SuiteCheck {
  readonly scenario: string
  readonly id: string
  readonly status: string
  readonly problem: string | undefined
}

const checks = z.array(
  z.looseObject({ id: z.string(), status: z.string(), errorMessage: z.string().optional() })
)

/** The program of the official conformance suite. */
function program(): string {
  const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')
  return join(dirname(manifest), 'dist/index.js')
}

/** Runs scenarios of the suite against a server and gives every check. Throws where a scenario left no result. */
export async function runSuite(url: string, args: readonly string[]): Promise<readonly SuiteCheck[]> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
  try {
    const child = spawn(process.execPath, [program(), 'server', '--url', url, '-o', folder, ...args], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(child, 'close')
    const found: SuiteCheck[] = []
    for await (const file of glob('**/checks.json', { cwd: folder })) {
      const scenario = basename(dirname(file))
        .replace(/^server-/, '')
        .replace(/-\d{4}-\d{2}-\d{2}T.*$/, '')
      for (const check of checks.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))))
        found.push({ scenario, id: check.id, status: check.status, problem: check.errorMessage })
    }
    if (found.length === 0) throw new Error(`the suite left no results: ${output.slice(-2000)}`)
    return found
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The scenarios that a revision requires of a server, as the suite has them. */
export async function requiredScenarios(revision: string): Promise<readonly string[]> {
  const file = join(dirname(program()), '../requirements', `${revision}.yaml`)
  const text = await readFile(file, 'utf8')
  const section = /^server:\n((?: {2}- .+\n)+)/m.exec(text)?.[1] ?? ''
  return section
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^ *- /, ''))
}

// How fast the tools answer on large registries, through MCP over HTTP: prints a table. Needs the built server.
import { program } from '@fast-mcp/errors'
import { largeManifest } from '@fast-mcp/quilt/test/large-manifest.ts'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { startBuiltServer } from '../test/built-server.ts'
import { ask } from '../test/http-client.ts'

const entries = 1_000_000
const packages = 10_000
const topHash = 'ab'.repeat(32)

/** A registry with many packages, one of them large. */
async function writeRegistry(folder: string): Promise<void> {
  const pointers = join(folder, '.quilt/named_packages')
  await mkdir(join(folder, '.quilt/packages'), { recursive: true })
  await writeFile(join(folder, '.quilt/packages', topHash), largeManifest(entries))
  for (let index = 0; index < packages; index++) {
    const name = join(pointers, `team${String(index % 100)}`, `set${String(index)}`)
    await mkdir(name, { recursive: true })
    await writeFile(join(name, 'latest'), topHash)
  }
}

const answer = z.object({
  result: z.object({
    isError: z.literal(false).optional(),
    structuredContent: z.looseObject({ next_cursor: z.string().optional() })
  })
})

/** Calls a tool; how long it took in milliseconds, and the cursor of the next page. */
async function call(
  url: string,
  name: string,
  args: object
): Promise<{ readonly ms: number; readonly next: string | undefined }> {
  const started = performance.now()
  const { result } = answer.parse(await ask(url, 'tools/call', { name, arguments: args }))
  return { ms: performance.now() - started, next: result.structuredContent.next_cursor }
}

function percentile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

function row(what: string, ms: number, limit: string): void {
  process.stdout.write(`| ${what} | ${ms.toFixed(1)} | ${limit} |\n`)
}

/** The most memory that a process ever had, in MiB. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

async function measure(url: string, pid: number): Promise<void> {
  const large = { package: 'team0/set0' }
  process.stdout.write('| what | ms | goal |\n|---|---|---|\n')
  row(
    'packages_list, 10,000 packages, first page of 1,000',
    (await call(url, 'packages_list', { limit: 1000 })).ms,
    '100'
  )
  let page = await call(url, 'package_browse', large)
  row('package_browse, a million entries, first call', page.ms, '1,200')
  const pages: number[] = []
  for (let count = 0; count < 50; count++) {
    page = await call(url, 'package_browse', {
      ...large,
      ...(page.next === undefined ? {} : { cursor: page.next })
    })
    pages.push(page.ms)
  }
  row('later pages, median of 50', percentile(pages, 0.5), '15')
  row('later pages, slowest of 50', percentile(pages, 1), '15')
  const query = { ...large, query: '99', in: 'entries' }
  row('search within a million entries, first call', (await call(url, 'search', query)).ms, '')
  const searches: number[] = []
  for (let count = 0; count < 10; count++)
    searches.push((await call(url, 'search', { ...query, query: String(count * 7919) })).ms)
  row('search within a million entries, median of 10', percentile(searches, 0.5), '200')
  row('search within a million entries, slowest of 10', percentile(searches, 1), '200')

  const pings: number[] = []
  let isBusy = true
  const pinging = (async () => {
    while (isBusy) {
      const started = performance.now()
      await ask(url, 'ping')
      pings.push(performance.now() - started)
    }
  })()
  for (let round = 0; round < 5; round++)
    await Promise.all(
      Array.from({ length: 16 }, (_, index) => {
        if (index % 3 === 0) return call(url, 'packages_list', { limit: 1000 })
        return index % 3 === 1
          ? call(url, 'package_browse', large)
          : call(url, 'search', { ...query, query: String(index) })
      })
    )
  isBusy = false
  await pinging
  row(`ping beside 16 calls at once, p99 of ${String(pings.length)}`, percentile(pings, 0.99), '50')
  process.stdout.write(`\nMost memory: ${(await peakMemory(pid)).toFixed(0)} MiB (goal: 300).\n`)
}

await program(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tools-speed-'))
  try {
    await mkdir(join(folder, 'cache'))
    await writeRegistry(join(folder, 'registry'))
    await using server = await startBuiltServer({
      QUILT_REGISTRIES: `file://${folder}/registry`,
      TMPDIR: join(folder, 'cache'),
      LOG_LEVEL: 'info'
    })
    await measure(server.url, server.pid)
    return 0
  } finally {
    await rm(folder, { recursive: true })
  }
})

import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { build } from 'esbuild'
import { z } from 'zod'
import { ensurePython, reportMissing } from '../test/python/environment.ts'
import { makeFile, makeManifest, makeRegistry } from './manifests.ts'
import { table, type Row } from './report.ts'

// nx run quilt:bench: every step in fresh processes of the bundled library, beside quilt3, medians into docs/bench-quilt.md

const root = fileURLToPath(new URL('../../../', import.meta.url))
const data = path.join(root, '.local', 'bench')
const cache = path.join(data, 'cache')
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    'quilt3-runs': { type: 'string' },
    'no-quilt3': { type: 'boolean' }
  }
})
const runs = Number(values.runs)
const quilt3Runs = Number(values['quilt3-runs'] ?? values.runs)
/** As the image of the server runs it: what is used for a moment only is collected soon. */
const nodeOptions = [
  '--max-semi-space-size=4',
  '--heap-growing-percent=50',
  '--no-allocation-site-pretenuring'
]
const run = promisify(execFile)

const measured = z.object({ own: z.number().nullish(), mebibytes: z.number() })

interface Measure {
  readonly milliseconds: number
  readonly mebibytes: number
}

async function bundle(): Promise<string> {
  const options = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const
  const step = path.join(data, 'step.mjs')
  await build({ ...options, entryPoints: [path.join(import.meta.dirname, 'step.ts')], outfile: step })
  await build({
    ...options,
    entryPoints: [path.join(import.meta.dirname, '../src/worker/main.ts')],
    outfile: path.join(data, 'quilt-worker.js')
  })
  await writeFile(path.join(data, 'package.json'), '{ "type": "module" }\n')
  return step
}

/** The median by time of several runs in fresh processes. */
async function median(program: string, args: readonly string[], times: number): Promise<Measure> {
  const measures: Measure[] = []
  for (let time = 0; time < times; time++) {
    const start = performance.now()
    const { stdout } = await run(program, args, { maxBuffer: 64 * 1024 * 1024 })
    const whole = performance.now() - start
    const { own, mebibytes } = measured.parse(JSON.parse(stdout.trim().split('\n').pop() ?? ''))
    measures.push({ milliseconds: own ?? whole, mebibytes })
  }
  measures.sort((a, b) => a.milliseconds - b.milliseconds)
  const middle = measures[Math.floor(measures.length / 2)]
  if (middle === undefined) throw new Error('no runs')
  return middle
}

const [loadBefore = 0] = loadavg()
mkdirSync(data, { recursive: true })
const million = makeManifest(data, { name: 'plain-1m', entries: 1_000_000, rich: false })
const rich = makeManifest(data, { name: 'rich-1m', entries: 1_000_000, rich: true })
const before = makeManifest(data, { name: 'plain-100k', entries: 100_000, rich: false })
const after = makeManifest(data, { name: 'changed-100k', entries: 100_000, rich: false, changed: 50 })
const registry = makeRegistry(data, 1000)
const gibibyte = makeFile(data, 1024 ** 3)
const written = path.join(data, 'written.jsonl')
const step = await bundle()
const python = values['no-quilt3'] === true ? { missing: 'not asked for' } : await ensurePython()
reportMissing('quilt3', python)

const rows: Row[] = []
const results = new Map<string, Measure>()

async function measure(
  title: string,
  aim: string,
  ours: readonly [string, ...string[]],
  theirs?: readonly [string, ...string[]]
): Promise<void> {
  const [name, ...files] = ours
  const us = await median(process.execPath, [...nodeOptions, step, name, cache, ...files], runs)
  const [their, ...theirFiles] = theirs ?? []
  const key = JSON.stringify(theirs)
  let quilt3 = results.get(key)
  if ('interpreter' in python && their !== undefined && quilt3 === undefined) {
    const program = path.join(import.meta.dirname, 'quilt3_step.py')
    quilt3 = await median(python.interpreter, [program, their, ...theirFiles], quilt3Runs)
    results.set(key, quilt3)
  }
  rows.push({ title, aim, ours: us, quilt3 })
  process.stdout.write(`${table(rows.slice(-1)).split('\n')[2]}\n`)
}

await measure(
  'open and browse a page of 1 M entries, first time',
  '≤ 0.8 s, ≤ 160 MiB',
  ['first', million],
  ['page', million]
)
await measure('the same, metadata on every entry', '≤ 1.5 s', ['first', rich], ['page', rich])
await median(process.execPath, [step, 'first', cache, million], 1)
await measure('the same, later, in a new process', '≤ 100 ms', ['later', million], ['page', million])
await measure('the same, in the running process', '≤ 5 ms', ['same-process', million])
await measure('next page of an opened package', '≤ 5 ms', ['next-page', million])
await measure('single entry by key, warm', '≤ 1 ms', ['entry', million])
await measure('key and size of all 1 M', '≤ 0.6 s, ≤ 100 MiB', ['keys', million], ['keys', million])
await measure('all fields of all 1 M, lossless', '≤ 2.5 s, ≤ 100 MiB', ['fields', million], ['keys', million])
await measure('top hash from the file', '≤ 1 s, ≤ 120 MiB', ['top-hash', million], ['top-hash', million])
await measure('top hash, metadata on every entry', '≤ 4.5 s', ['top-hash', rich], ['top-hash', rich])
await measure('write 1 M', '≤ 1.5 s, ≤ 120 MiB', ['write', written], ['write', written])
await measure(
  'difference of two packages of 100 k',
  '≤ 0.3 s',
  ['diff', before, after],
  ['diff', before, after]
)
await measure('checksum of a 1 GiB file', '≤ 0.45 s', ['hash', gibibyte], ['hash', gibibyte])
await measure('list 1,000 packages', '≤ 10 ms', ['list-packages', registry], ['list-packages', registry])
await measure(
  'the same, with all their versions',
  '≤ 100 ms',
  ['list-revisions', registry],
  ['list-revisions', registry]
)
await measure('search keys of 1 M, first time', '≤ 1.2 s more', ['search-first', million])
await measure('search keys of 1 M', '≤ 150 ms', ['search', million])
await measure('search metadata of 1 M', '', ['search-metadata', rich])

const machine = `${availableParallelism()} processors (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}`
const [loadAfter = 0] = loadavg()
/** What the aims were set beside: quilt3's first step. */
const secondsOfAims = 12.8
const firstStep = rows[0]?.quilt3
const slower = firstStep === undefined ? undefined : firstStep.milliseconds / 1000 / secondsOfAims
const load = `${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after it`
await writeFile(
  path.join(root, 'docs', 'bench-quilt.md'),
  [
    '# Speed and memory of the quilt library',
    '',
    `Made by \`nx run quilt:bench\` on ${machine}; runs of each step: ${runs}, with quilt3: ${quilt3Runs}. Medians of`,
    'fresh processes of the bundled library, the start of Node included, unless the step happens in a process that runs',
    `already; quilt3 8.0.0 in the same run. The writing alone is timed, for both. Node runs as in the image of the server (\`${nodeOptions.join(' ')}\`).`,
    'A manifest has 1 M entries in 100 folders with about 278 bytes a line. Other load on the machine shows in all',
    `columns alike; its load average was ${load}, where this benchmark alone makes about 1.`,
    ...(slower === undefined
      ? []
      : [
          `The aims were set on a machine where quilt3 took ${secondsOfAims} s for the first step. This one was ${slower.toFixed(1)} times slower at`,
          'it, in this run: the last column is what is here, divided by that. What the system does, as lists of files and',
          'checksums, slows down less: for those steps the factor says more.'
        ]),
    '',
    table(rows, slower),
    ''
  ].join('\n')
)

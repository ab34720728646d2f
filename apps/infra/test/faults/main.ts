// The target infra:faults: faults in an order from a seed hit the pipeline in a clone of this repository; a table of what came of them.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { program } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { z } from 'zod'
import { readArguments } from '../../src/arguments.ts'
import { attempt, type Trial } from './attempt.ts'
import { Clone } from './clone.ts'
import { cloneFaults } from './clone-faults.ts'
import { Random } from './random.ts'
import { faultTable } from './table.ts'

const usage = `usage: nx run infra:faults [-- --count N] [--seed N] [--folder F] [--port N] [--minutes N]

  As root, on Linux: takes a file system of its own in memory, 5 GB.

  --count    how many faults (200)
  --seed     in which order (1)
  --folder   where the clone lies
  --port     of its endpoint (9643)
  --minutes  stop after so many; the same command goes on where this one stopped
`

const saved = z.object({
  trials: z.array(
    z.object({
      name: z.string(),
      met: z.enum(['killed', 'completed', 'said what to do', 'said nothing useful']),
      error: z.string().optional(),
      runs: z.number(),
      ms: z.number(),
      violations: z.array(z.string())
    })
  ),
  configuration: z.record(z.string(), z.string()),
  tested: z.array(z.string()),
  served: z.array(z.string())
})

await program(async ({ args, signal }) => {
  const { values } = readArguments(args, {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string', default: join(tmpdir(), 'fast-mcp-faults') },
    port: { type: 'string', default: '9643' },
    minutes: { type: 'string', default: '600' },
    help: { type: 'boolean', short: 'h' }
  })
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  const [count, seed] = [Number(values.count), Number(values.seed)]
  const folder = resolve(values.folder)
  const progressPath = join(folder, 'progress.json')
  const before = existsSync(progressPath)
    ? saved.parse(JSON.parse(await readFile(progressPath, 'utf8')))
    : { trials: [], configuration: { SHUTDOWN_SECONDS: '40' }, tested: [], served: [] }
  const clone = await Clone.open(folder, Number(values.port), before.configuration)
  for (const revision of before.tested) clone.tested.add(revision)
  const served = new Set(before.served)
  const trials: Trial[] = before.trials.map((trial) => ({ ...trial, error: trial.error }))
  const order = new Random(seed).shuffle(
    cloneFaults.flatMap((fault) => Array.from({ length: fault.times }, () => fault))
  )
  const watching = watch(clone, served)
  const end = performance.now() + Number(values.minutes) * 60_000
  try {
    for (const [index, fault] of order.slice(0, count).entries()) {
      if (index < trials.length) continue
      if (signal.aborted || performance.now() > end) break
      const trial = await attempt(clone, fault, new Random(seed * 1000 + index))
      trials.push(trial)
      console.log(oneLine(index + 1, trial))
      await writeAtomically(
        progressPath,
        JSON.stringify({
          trials,
          configuration: clone.configuration,
          tested: [...clone.tested],
          served: [...served]
        })
      )
    }
  } finally {
    await watching.stop()
  }
  const untested = [...served].filter((revision) => !clone.tested.has(revision))
  console.log(
    `${trials.length} of ${count} faults, seed ${seed}; commits served: ${served.size}, not tested of these: ${untested.length}\n`
  )
  console.log(
    faultTable(
      cloneFaults.map(({ name }) => name),
      trials
    )
  )
  if (trials.length < count) return 0
  const left = await clone.end()
  console.log(
    left.length === 0 ? 'destroy left nothing behind' : `left behind by destroy: ${left.join(', ')}`
  )
  return untested.length + left.length === 0 && trials.every(({ violations }) => violations.length === 0)
    ? 0
    : 1
})

/** Asks the endpoint all the time which commit it serves. */
function watch(clone: Clone, served: Set<string>): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const revision = await clone.ask().catch(() => '')
      if (/^[0-9a-f]{40}$/.test(revision)) served.add(revision)
      await sleep(100)
    }
  })()
  return {
    stop: () => {
      stopping.abort()
      return watching
    }
  }
}

function oneLine(number: number, { name, met, error, runs, ms, violations }: Trial): string {
  const said = error === undefined ? met : `${met} (${error})`
  const result = violations.length === 0 ? 'well' : violations.join('; ')
  return `${number} ${name}: ${said}, ${runs} more runs, ${(ms / 1000).toFixed(1)} s: ${result}`
}

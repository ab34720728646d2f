// The target infra:faults: faults in a random order, from a seed, with requests all the while; a table of what came of them.
import { program } from '@fast-mcp/errors'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeAtomically } from '@fast-mcp/validation'
import { readArguments } from '../../src/arguments.ts'
import { attempt, type Trial } from './attempt.ts'
import { faults } from './faults.ts'
import { Random } from './random.ts'
import { World } from './world.ts'

const usage = `usage: nx run infra:faults [-- --count N] [--seed N]

  --count  how many faults (200)
  --seed   which ones, in which order (1)
`
const tablePath = 'dist/test/infra-faults/table.md'

await program(async ({ args, signal }) => {
  const { values } = readArguments(args, {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' }
  })
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  const random = new Random(Number(values.seed))
  const world = await World.create()
  const seen = watchRevisions(world)
  const possible = faults.filter(({ needsMount }) => needsMount !== true || world.isMounted)
  const trials: Trial[] = []
  try {
    for (let index = 1; index <= Number(values.count); index++) {
      signal.throwIfAborted()
      const fault = possible[random.between(0, possible.length - 1)] ?? faults[0]
      const trial = await attempt(world, fault, random)
      trials.push(trial)
      const result = trial.violations.length === 0 ? 'well' : trial.violations.join('; ')
      console.log(
        `${index} ${trial.name}: ${trial.met}${trial.error === undefined ? '' : ` (${trial.error})`}, ${trial.runs} runs, ${(trial.ms / 1000).toFixed(1)} s: ${result}`
      )
    }
  } finally {
    const revisions = await seen.stop()
    const untested = [...revisions].filter((revision) => !world.tested.has(revision))
    await writeAtomically(tablePath, table(trials, values.seed, untested))
    console.log(await readFile(tablePath, 'utf8'))
    await world.end()
  }
  return trials.every(({ violations }) => violations.length === 0) ? 0 : 1
})

/** Asks the endpoint all the time which commit it serves. */
function watchRevisions(world: World): { readonly stop: () => Promise<ReadonlySet<string>> } {
  const revisions = new Set<string>()
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const answer = await world.workspace.get('/health').catch(() => undefined)
      if (answer?.status === 200) revisions.add(answer.revision)
      await sleep(50)
    }
  })()
  return {
    stop: async () => {
      stopping.abort()
      await watching
      return revisions
    }
  }
}

function table(trials: readonly Trial[], seed: string, untested: readonly string[]): string {
  const rows = faults.flatMap(({ name }) => {
    const own = trials.filter((trial) => trial.name === name)
    if (own.length === 0) return []
    const count = (met: Trial['met']): number => own.filter((trial) => trial.met === met).length
    const seconds = own.map(({ ms }) => ms / 1000).sort((a, b) => a - b)
    const bad = own.filter(({ violations }) => violations.length > 0).length
    return [
      `| ${name} | ${own.length} | ${count('killed')} | ${count('completed')} | ${count('said what to do')} | ${seconds[Math.floor(seconds.length / 2)]?.toFixed(1)} s | ${bad === 0 ? 'all well' : `${bad} bad`} |`
    ]
  })
  return [
    `${trials.length} faults, seed ${seed}; versions served that were not tested: ${untested.length}`,
    '',
    '| fault | times | run killed | run completed | run said what to do | median until healthy at HEAD | afterwards |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    ''
  ].join('\n')
}

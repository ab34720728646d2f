import { isQuiltError } from '../../src/error.ts'
import { encodeForManifest } from '../../src/json/index.ts'
import { isJsonArray, isJsonObject, type JsonValue } from '../../src/json/value.ts'
import { goldenRows, string, type Row } from '../golden.ts'
import type { Bench } from './bench.ts'
import { expectedError } from './errors.ts'
import { scenarioSteps, type Step } from './steps.ts'
import { VersionNames } from './version-names.ts'

/** One step as it was recorded and as it is here, written so that the two are equal where they agree. */
export interface Outcome {
  readonly step: string
  readonly recorded: Side
  readonly ours: Side
}

interface Side {
  readonly result?: string
  readonly error?: string
  /** Contents of the buckets by name and key, or of the local registry by name. */
  readonly contents: readonly string[]
}

/**
 * Takes all recorded steps again and yields what came out. Versions of objects are named in the order they appear, so that
 * two runs agree if one can be turned into the other by renaming versions.
 */
export async function* scenarioOutcomes(
  bench: Bench
): AsyncGenerator<Outcome | { readonly step: string; readonly skipped: string }> {
  const steps = await scenarioSteps(bench)
  const names = { recorded: new VersionNames(), ours: new VersionNames() }
  let times: ReadonlySet<number> = new Set()
  let now = 0
  for (const row of goldenRows('s3_scenarios.json')) {
    const name = row.text('step')
    const step = steps.get(name)
    const found = pointerTimes(row)
    now = [...found].find((time) => !times.has(time)) ?? now + 1
    times = found
    if (step === undefined) throw new Error(`no step '${name}'`)
    if (typeof step !== 'function') {
      yield { step: name, ...step }
      continue
    }
    const outcome = await take(step, now)
    yield {
      step: name,
      recorded: moved(bench, names.recorded.side(name, recordedSide(row, outcome))),
      ours: moved(
        bench,
        names.ours.side(name, { ...spoken(outcome), contents: await ourContents(bench, row) })
      )
    }
  }
}

type Taken = { readonly result: JsonValue } | { readonly error: Error }

async function take(step: Step, seconds: number): Promise<Taken> {
  try {
    return { result: await step(new Date(seconds * 1000)) }
  } catch (error) {
    if (error instanceof Error) return { error }
    throw error
  }
}

function spoken(taken: Taken): { readonly result: string } | { readonly error: string } {
  if ('result' in taken) return { result: encodeForManifest(taken.result) }
  const { error } = taken
  return { error: isQuiltError(error) ? `${error.code}: ${error.message}` : error.message }
}

function recordedSide(row: Row, taken: Taken): Side {
  const contents = recordedContents(row)
  if (!row.has('error')) return { result: encodeForManifest(adapted(row)), contents }
  return { error: expectedError(row.text('error'), 'error' in taken ? taken.error : undefined), contents }
}

/** An outcome with the folder that the record was made in in place of ours. */
function moved(bench: Bench, { contents, ...spoken }: Side): Side {
  const move = (text: string): string => text.replaceAll(bench.folder, '/data/tmp_s3')
  const texts = Object.entries(spoken).map(([name, text]) => [name, move(text)])
  return { ...Object.fromEntries(texts), contents: contents.map(move) }
}

/** What is recorded, where this library says the same in another way. */
function adapted(row: Row): JsonValue {
  const result = row.value('result')
  if (!isJsonArray(result)) return result
  // pointers below other pointers are no revisions here
  if (row.text('step') === 'pointer with newline: list strips, browse does not')
    return result.filter((each) => isJsonArray(each) && !string(each[0]).includes('/'))
  if (row.text('step') !== 'V2: list') return result
  const [packages = null, revisions = null] = result
  const hashes = isJsonArray(revisions)
    ? revisions.map((each) => (isJsonArray(each) ? string(each[1]) : ''))
    : []
  return [packages, hashes.sort()]
}

function recordedContents(row: Row): readonly string[] {
  if (row.has('tree')) return lines('', mapOf(row.value('tree')))
  return [...mapOf(row.value('buckets'))].flatMap(([bucket, objects]) => lines(`${bucket}/`, mapOf(objects)))
}

/** Of the buckets, or the local registry, that the record speaks of. */
async function ourContents(bench: Bench, row: Row): Promise<readonly string[]> {
  if (row.has('tree')) {
    return lines('', await bench.tree('reg'))
  }
  const found: string[] = []
  for (const bucket of mapOf(row.value('buckets')).keys())
    found.push(...lines(`${bucket}/`, await bench.contents(bucket)))
  return found
}

function lines(prefix: string, contents: ReadonlyMap<string, JsonValue>): readonly string[] {
  return Array.from(contents, ([key, content]) => `${prefix}${key} = ${string(content)}`).sort()
}

/** Seconds that pointers are named by. */
function pointerTimes(row: Row): ReadonlySet<number> {
  const keys = recordedContents(row).map((line) => line.split(' = ', 1)[0] ?? '')
  return new Set(
    keys.flatMap((key) => (/\/named_packages\/.*\/\d+$/.test(key) ? [Number(key.split('/').at(-1))] : []))
  )
}

function mapOf(value: JsonValue): ReadonlyMap<string, JsonValue> {
  if (isJsonObject(value)) return value
  throw new TypeError('a recorded value is not an object')
}

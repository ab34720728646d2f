import type { Fault } from './faults.ts'
import type { Random } from './random.ts'
import type { Outcome, World } from './world.ts'

/** What came of one fault. */
export interface Trial {
  readonly name: string
  /** How the run that met it ended. */
  readonly met: 'killed' | 'completed' | 'said what to do' | 'said nothing useful'
  /** The code of its error, where it had one. */
  readonly error: string | undefined
  /** How often the pipeline ran after it until it completed. */
  readonly runs: number
  /** Milliseconds from the fault to a healthy deployment of HEAD. */
  readonly ms: number
  /** What did not hold afterwards; empty where all is well. */
  readonly violations: readonly string[]
}

/** Lets a fault happen, mends what it left by running the pipeline and doing what it says, and looks at the result. */
export async function attempt(world: World, fault: Fault, random: Random): Promise<Trial> {
  const started = performance.now()
  const trial = { name: fault.name, met: 'said nothing useful', error: undefined, runs: 0 } as const
  try {
    const outcome = await fault.happen(world, random)
    const meeting = metBy(outcome)
    // A commit that came in the middle of a run goes through the phases before like any other.
    if (!world.tested.has(await world.head())) await world.catalog()
    const runs = await world.mend()
    const violations = await world.violations()
    return {
      ...trial,
      met: meeting,
      error: /\[([a-z-]+)\]/.exec(outcome.text)?.[1],
      runs,
      ms: performance.now() - started,
      violations: meeting === 'said nothing useful' ? [...violations, `it said: ${outcome.text}`] : violations
    }
  } catch (error) {
    return { ...trial, ms: performance.now() - started, violations: [String(error)] }
  }
}

function metBy({ code, text }: Outcome): Trial['met'] {
  if (code === undefined) return 'killed'
  if (code === 0) return 'completed'
  return code === 130 || text.includes('what to do:') ? 'said what to do' : 'said nothing useful'
}

import type { Random } from './random.ts'

/** How a run of the pipeline ended. */
export interface Outcome {
  /** Undefined where it was killed. */
  readonly code: number | undefined
  /** stdout and stderr. */
  readonly text: string
  readonly ms: number
}

/** Where faults happen. */
export interface Ground {
  /**
   * Runs the pipeline until it completes, doing what it says in between; `met` is the run that met the fault. Gives how
   * many runs it took, or throws where one did not say what to do or doing so did not help.
   */
  readonly mend: (met: Outcome) => Promise<number>
  /** What must hold whatever happened, in words where it does not. */
  readonly violations: () => Promise<readonly string[]>
}

export interface Fault<Where extends Ground> {
  readonly name: string
  /** Takes a file system of its own, which only root may make. */
  readonly needsMount?: boolean
  /** Makes it happen, and the pipeline meet it; gives what that run said. The cause is gone when this returns. */
  readonly happen: (world: Where, random: Random) => Promise<Outcome>
}

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
export async function attempt<Where extends Ground>(
  world: Where,
  fault: Fault<Where>,
  random: Random
): Promise<Trial> {
  const started = performance.now()
  const trial = { name: fault.name, met: 'said nothing useful', error: undefined, runs: 0 } as const
  try {
    const outcome = await fault.happen(world, random)
    const meeting = metBy(outcome)
    const runs = await world.mend(outcome)
    const violations = await world.violations()
    return {
      ...trial,
      met: meeting,
      error: /\[([a-z]+(?:-[a-z]+)+|locked|aborted)\]/.exec(outcome.text)?.[1],
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

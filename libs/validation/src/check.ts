import type { DeploymentTarget } from './pipeline-environment.ts'

/** The four phases, in the order in which they run. */
export const phases = ['app', 'build', 'catalog', 'deploy'] as const

export type Phase = (typeof phases)[number]

/** The phase whose output a phase takes as its input; undefined for the first. */
export function phaseBefore(phase: Phase): Phase | undefined {
  return phases[phases.indexOf(phase) - 1]
}

/** One thing that must hold. The program of the phase brings the probe that finds out whether it does. */
export interface Check {
  /** `<phase>.<name>`, stable: records, documentation and programs refer to it. */
  readonly id: string
  readonly phase: Phase
  /** What holds when the check passed, as a short statement. */
  readonly title: string
  /** The demand in our words, with the section of the specification it comes from. */
  readonly requirement: string
  /** How it is found out. */
  readonly how: string
  /** What to do where it does not hold: one imperative sentence or two. */
  readonly remedy: string
  /** Checks of the same phase that must have ended first; where one of them failed, this one is not run. */
  readonly after?: readonly string[]
  /** Deployment targets on which it can be checked; all where left out. */
  readonly targets?: readonly DeploymentTarget[]
  /** From start to finding, in milliseconds; a probe that takes longer has failed. */
  readonly timeLimitMs: number
}

/** What a probe found. `evidence` is what was seen: a number with its unit, a response, a pair of digests. */
export type Finding =
  | { readonly status: 'passed'; readonly evidence: string }
  | { readonly status: 'failed'; readonly evidence: string }
  | { readonly status: 'not-applicable'; readonly reason: string }

/**
 * Finds out whether a check holds. `signal` is aborted when the phase is interrupted or the check's time is over.
 * Throwing means failed: the error's message is the evidence, and a CodedError's remedy replaces the check's.
 */
export type Probe = (context: { readonly signal: AbortSignal }) => Promise<Finding>

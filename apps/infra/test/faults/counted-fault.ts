import type { Fault } from './attempt.ts'
import type { Clone } from './clone.ts'

export interface CountedFault extends Fault<Clone> {
  /** How often it is among 200. */
  readonly times: number
}

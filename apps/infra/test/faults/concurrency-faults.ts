import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from './attempt.ts'
import type { Clone } from './clone.ts'
import type { CountedFault } from './counted-fault.ts'
import { rollingOut } from './pipeline-steps.ts'
import type { Random } from './random.ts'

/** Two that want to work at once. */
export const concurrencyFaults: readonly CountedFault[] = [
  {
    name: 'two pipelines at once, and status all the while',
    times: 4,
    happen: async (clone) => {
      clone.reconfigure()
      const [first, second, status] = await Promise.all([
        clone.run(),
        sleep(1500).then(() => clone.run()),
        sleep(4000).then(() => clone.run({}, 'status'))
      ])
      if (![first, second].some(({ text }) => text.includes('[locked]'))) throw new Error('both went to work')
      if (!status.text.includes('tasks ')) throw new Error(`status said: ${status.text}`)
      return first.code === 0 ? second : first
    }
  },
  {
    name: 'deploy during deploy',
    times: 3,
    happen: (clone, random) => duringDeploy(clone, random, 'deploy')
  },
  {
    name: 'destroy during deploy',
    times: 3,
    happen: (clone, random) => duringDeploy(clone, random, 'destroy')
  }
]

/** What comes second must be told who works, and the first must complete. */
async function duringDeploy(clone: Clone, random: Random, what: 'deploy' | 'destroy'): Promise<Outcome> {
  const running = await rollingOut(clone, random)
  const second = await clone.run({}, what)
  const first = await running.ended
  if (first.code !== 0 || !second.text.includes('[locked]'))
    throw new Error(`${first.text}\n---\n${second.text}`)
  return second
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from './attempt.ts'
import { killGroup, type Clone } from './clone.ts'
import { processGroup } from './clone-traces.ts'
import type { CountedFault } from './counted-fault.ts'
import { rollingOut, stepsOfCommit, stepsOfRollout } from './pipeline-steps.ts'
import type { Random } from './random.ts'
import { signal } from './signal.ts'
import { leaveStaleLock } from './stale-lock.ts'

/** Processes of the pipeline and of the deployment that are killed or hang. */
export const processFaults: readonly CountedFault[] = [
  {
    name: 'kill -9 of the whole pipeline at a step of a rollout',
    times: 14,
    happen: async (clone, random) => {
      clone.reconfigure()
      return killAt(clone, random, stepsOfRollout, 'all')
    }
  },
  {
    name: 'kill -9 of one of its processes at a step of a rollout',
    times: 12,
    happen: async (clone, random) => {
      clone.reconfigure()
      return killAt(clone, random, stepsOfRollout, 'one')
    }
  },
  {
    name: 'kill -9 of the whole pipeline at a step of a new commit',
    times: 7,
    happen: async (clone, random) => {
      await clone.commit()
      return killAt(clone, random, stepsOfCommit, 'all')
    }
  },
  {
    name: 'interrupt of the pipeline (SIGTERM to all of it)',
    times: 4,
    happen: async (clone, random) => {
      clone.reconfigure()
      const running = clone.start()
      await running.says(random.pick(stepsOfRollout))
      if (running.child.pid !== undefined) process.kill(-running.child.pid, 'SIGTERM')
      return running.ended
    }
  },
  {
    name: 'kill -9 of a task',
    times: 8,
    happen: async (clone, random) => killed(clone, [(await clone.tasks())[random.between(0, 1)]])
  },
  { name: 'kill -9 of all tasks', times: 6, happen: async (clone) => killed(clone, await clone.tasks()) },
  {
    name: 'kill -9 of the load balancer',
    times: 8,
    happen: async (clone) => killed(clone, [await clone.balancer()])
  },
  {
    name: 'kill -9 of the registry',
    times: 8,
    happen: async (clone) => killed(clone, [await clone.registry()])
  },
  {
    name: 'a reboot: nothing runs any more, a lock is left',
    times: 6,
    happen: async (clone) => {
      await leaveStaleLock(clone.folder)
      return killed(clone, [...(await clone.tasks()), await clone.balancer(), await clone.registry()])
    }
  },
  {
    name: 'kill -9 of a task during a rollout',
    times: 4,
    happen: async (clone, random) => {
      const running = await rollingOut(clone, random)
      const tasks = await (await clone.engine()).list({ labels: {} })
      signal([tasks[random.between(0, Math.max(0, tasks.length - 1))]?.pid])
      return running.ended
    }
  },
  {
    name: 'kill -9 of the load balancer during a rollout',
    times: 4,
    happen: async (clone, random) => {
      const running = await rollingOut(clone, random)
      signal([await clone.balancer()])
      return running.ended
    }
  },
  {
    name: 'a task that hangs (SIGSTOP)',
    times: 5,
    happen: async (clone) => {
      signal([(await clone.tasks())[0]], 'SIGSTOP')
      await sleep(2500)
      return clone.run()
    }
  },
  {
    name: 'a load balancer that hangs (SIGSTOP)',
    times: 5,
    happen: async (clone) => {
      signal([await clone.balancer()], 'SIGSTOP')
      return clone.run()
    }
  }
]

/** Kills a run, or one of its processes, up to half a second after it has come to a step. */
async function killAt(
  clone: Clone,
  random: Random,
  steps: readonly [RegExp, ...RegExp[]],
  which: 'all' | 'one'
): Promise<Outcome> {
  const running = clone.start()
  await running.says(random.pick(steps))
  await sleep(random.between(0, 500))
  const group = running.child.pid
  if (which === 'all') killGroup(group)
  else {
    const all = await processGroup(group ?? 0)
    signal([all[random.between(0, Math.max(0, all.length - 1))]?.pid])
  }
  const outcome = await running.ended
  return outcome.code === 0 ? outcome : { ...outcome, code: undefined }
}

async function killed(clone: Clone, pids: readonly (number | undefined)[]): Promise<Outcome> {
  signal(pids)
  await sleep(100)
  return clone.run()
}

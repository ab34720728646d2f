import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { localRegistry } from '@fast-mcp/containers'
import { commit } from '../git-workspace.ts'
import type { EngineFault, StandInImage } from '../process-engine.ts'
import type { Fault, Outcome } from './attempt.ts'
import type { Random } from './random.ts'
import { leaveStaleLock } from './stale-lock.ts'
import type { World } from './world.ts'

export const faults: readonly Fault<World>[] = [
  {
    name: 'kill -9 of the pipeline at a step',
    happen: async (world, random) => {
      await world.release('good')
      return world.run({ STEP_TO_DIE_AT: String(random.between(1, 45)) })
    }
  },
  {
    name: 'kill -9 of the pipeline at a moment',
    happen: async (world, random) => {
      await world.release('good')
      return stopAfter(world, random.between(100, 4000), 'SIGKILL')
    }
  },
  {
    name: 'interrupt of the pipeline (SIGTERM)',
    happen: async (world, random) => {
      await world.release('good')
      return stopAfter(world, random.between(300, 3000), 'SIGTERM')
    }
  },
  {
    name: 'kill -9 of a task',
    happen: async (world, random) => {
      kill([world.workspace.engine.pids[random.between(0, 1)]])
      return world.run()
    }
  },
  {
    name: 'kill -9 of all tasks',
    happen: (world) => {
      kill(world.workspace.engine.pids)
      return world.run()
    }
  },
  {
    name: 'kill -9 of a task during a rollout',
    happen: async (world, random) => {
      await world.release('good')
      const { ended } = world.start()
      await sleep(random.between(500, 2500))
      kill([world.workspace.engine.pids.at(-1)])
      return ended
    }
  },
  {
    name: 'a task that hangs (SIGSTOP)',
    happen: async (world) => {
      const [pid] = world.workspace.engine.pids
      process.kill(pid ?? 0, 'SIGSTOP')
      await sleep(2500)
      return world.run()
    }
  },
  {
    name: 'kill -9 of the load balancer',
    happen: async (world) => {
      kill([await world.balancer()])
      return world.run()
    }
  },
  {
    name: 'a load balancer that hangs (SIGSTOP)',
    happen: async (world) => {
      process.kill(await world.balancer(), 'SIGSTOP')
      return world.run()
    }
  },
  {
    name: 'kill -9 of the load balancer during a rollout',
    happen: async (world, random) => {
      await world.release('good')
      const { ended } = world.start()
      await sleep(random.between(500, 2500))
      kill([await world.balancer()])
      return ended
    }
  },
  {
    name: 'kill -9 of the registry',
    happen: async (world) => {
      await killRegistry(world)
      return world.run()
    }
  },
  {
    name: 'a reboot: nothing runs any more',
    happen: async (world) => {
      await leaveStaleLock(world.workspace.folder)
      await killRegistry(world)
      kill([await world.balancer(), ...world.workspace.engine.pids])
      return world.run()
    }
  },
  { name: 'the engine does not answer', happen: (world) => withEngine(world, 'unavailable') },
  { name: 'the image store is full', happen: (world) => withEngine(world, 'full') },
  { name: 'a slow registry', happen: (world) => withEngine(world, 'slow') },
  {
    name: 'the disk of the workspace is full',
    needsMount: true,
    happen: async (world) => {
      await world.release('good')
      const empty = await world.fill()
      try {
        return await world.run()
      } finally {
        await empty()
      }
    }
  },
  {
    name: 'the disk becomes full during a rollout',
    needsMount: true,
    happen: async (world, random) => {
      await world.release('good')
      const { ended } = world.start()
      await sleep(random.between(400, 2500))
      const empty = await world.fill()
      try {
        return await ended
      } finally {
        await empty()
      }
    }
  },
  {
    name: 'the port is stolen',
    happen: async (world) => {
      kill([await world.balancer()])
      await sleep(100)
      const thief = createServer((socket) => socket.destroy()).listen(world.workspace.port, '127.0.0.1')
      await once(thief, 'listening')
      try {
        return await world.run()
      } finally {
        thief.close()
      }
    }
  },
  {
    name: 'the clock jumps',
    happen: async (world, random) => {
      await world.release('good')
      return world.run({ CLOCK_JUMP_MS: String(random.pick([7_200_000, -7_200_000, 90_000_000])) })
    }
  },
  {
    name: 'the record before is damaged',
    happen: (world, random) => damaged(world, random, 'dist/phases/catalog.json')
  },
  {
    name: 'the word of the push is damaged',
    happen: (world, random) => damaged(world, random, 'dist/container/push.json')
  },
  {
    name: 'the state is damaged',
    happen: (world, random) => damaged(world, random, '.local/deployment/state.json')
  },
  { name: '.config is damaged', happen: (world, random) => damaged(world, random, '.config') },
  {
    name: 'the certificate is damaged',
    happen: (world, random) => damaged(world, random, '.local/deployment/ca/localhost.pem')
  },
  {
    name: 'the configuration of the load balancer is lost',
    happen: async (world) => {
      await rm(world.workspace.paths.proxyConfig)
      return world.run()
    }
  },
  {
    name: 'HEAD moves in the middle of a run',
    happen: async (world, random) => {
      await world.release('good')
      const { ended } = world.start()
      await sleep(random.between(200, 2500))
      await commit(world.workspace.folder, 'meanwhile')
      return ended
    }
  },
  { name: 'a version that crashes at start', happen: (world) => badVersion(world, 'crash') },
  { name: 'a version that hangs', happen: (world) => badVersion(world, 'hang') },
  { name: 'a version that never becomes healthy', happen: (world) => badVersion(world, 'sick') },
  { name: 'a version that becomes healthy and dies', happen: (world) => badVersion(world, 'dies') },
  { name: 'a version that answers wrongly', happen: (world) => badVersion(world, 'wrong') },
  { name: 'a version that hangs when it is asked', happen: (world) => badVersion(world, 'mute') },
  {
    name: 'a digest that the registry does not have',
    happen: async (world) => {
      await world.release('good')
      world.workspace.engine.emptyRegistry()
      const outcome = await world.run()
      await world.catalog()
      return outcome
    }
  },
  {
    name: 'two pipelines at once',
    happen: (world) =>
      // The rollout takes so long that the second command meets it.
      withEngine(world, 'slow', async () => {
        const outcomes = await Promise.all([world.run(), world.run()] as const)
        requireOne(outcomes)
        return outcomes[0].code === 0 ? outcomes[1] : outcomes[0]
      })
  },
  {
    name: 'destroy during deploy',
    happen: (world) =>
      // The rollout takes so long that the second command meets it.
      withEngine(world, 'slow', async () => {
        const { ended } = world.start()
        await sleep(1000)
        const destroyed = await world.run({}, 'destroy')
        requireOne([await ended, destroyed])
        return destroyed
      })
  }
]

/** A new commit meets an engine with a fault. */
async function withEngine(
  world: World,
  fault: EngineFault,
  work = (): Promise<Outcome> => world.run()
): Promise<Outcome> {
  await world.release('good')
  world.workspace.engine.breakWith(fault)
  try {
    return await work()
  } finally {
    world.workspace.engine.breakWith(undefined)
  }
}

async function stopAfter(world: World, ms: number, signal: NodeJS.Signals): Promise<Outcome> {
  const { child, ended } = world.start()
  await sleep(ms)
  child.kill(signal)
  return ended
}

function kill(pids: readonly (number | undefined)[]): void {
  for (const pid of pids) if (pid !== undefined && pid > 1) process.kill(pid, 'SIGKILL')
}

async function killRegistry(world: World): Promise<void> {
  const status = await localRegistry(world.workspace.folder).status()
  if (status.state === 'running') kill([status.pid])
  await sleep(50)
}

async function damaged(world: World, random: Random, name: string): Promise<Outcome> {
  await world.damage(name, random.pick(['truncated', 'edited']))
  return world.run()
}

/** A version that is refused: what served before must serve on, and the next commit is a good one. */
async function badVersion(world: World, mode: StandInImage['mode']): Promise<Outcome> {
  const before = (await world.workspace.get('/health')).revision
  await world.release(mode)
  const outcome = await world.run()
  const { revision } = await world.workspace.get('/health')
  if (outcome.code === 0) throw new Error('it was accepted')
  if (revision !== before) throw new Error(`${revision} is served after it was refused, before ${before}`)
  await world.release('good')
  return outcome
}

/** One wins; the other says why not. */
function requireOne(outcomes: readonly [Outcome, Outcome]): void {
  const won = outcomes.filter(({ code }) => code === 0)
  const refused = outcomes.filter(({ text }) => text.includes('[locked]'))
  if (won.length !== 1 || refused.length !== 1)
    throw new Error(`both won or both lost: ${outcomes.map(({ text }) => text).join('\n---\n')}`)
}

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Outcome } from './attempt.ts'
import type { Clone } from './clone.ts'
import type { CountedFault } from './counted-fault.ts'
import { imported } from './imported-code.ts'
import { rollingOut } from './pipeline-steps.ts'
import { signal } from './signal.ts'

const exec = promisify(execFile)

/** Network, engine, disks, port, clock and registry of the machine that fail. */
export const machineFaults: readonly CountedFault[] = [
  {
    name: 'the network between load balancer and a task is cut',
    times: 6,
    happen: async (clone, random) => {
      const pid = (await clone.tasks())[random.between(0, 1)]
      await exec('nsenter', ['-t', String(pid), '-n', 'ip', 'link', 'set', 'eth0', 'down'])
      return clone.run()
    }
  },
  {
    name: 'the engine refuses',
    times: 4,
    happen: async (clone) =>
      clone.run(await clone.instead('podman', 'echo "Error: cannot connect to Podman" >&2; exit 125'))
  },
  {
    name: 'the engine does not answer',
    times: 3,
    happen: async (clone) => clone.run(await clone.instead('podman', 'exec sleep 600'))
  },
  {
    name: 'the disk of the workspace is full',
    times: 4,
    needsMount: true,
    happen: (clone) => {
      clone.reconfigure()
      return withFull(clone, 'workspace', () => clone.run())
    }
  },
  {
    name: 'the disk of the workspace becomes full during a rollout',
    times: 4,
    needsMount: true,
    happen: async (clone, random) => {
      const running = await rollingOut(clone, random)
      return withFull(clone, 'workspace', () => running.ended)
    }
  },
  {
    name: 'the image store is full, and tasks are to start',
    times: 4,
    needsMount: true,
    happen: (clone) => {
      clone.reconfigure()
      return withFull(clone, 'images', () => clone.run())
    }
  },
  {
    name: 'the image store is full, and an image is to be built',
    times: 2,
    needsMount: true,
    happen: async (clone) => {
      await clone.commit()
      return withFull(clone, 'images', () => clone.run())
    }
  },
  {
    name: 'the port is stolen',
    times: 6,
    happen: async (clone) => {
      signal([await clone.balancer()])
      await sleep(100)
      const thief = createServer((socket) => socket.destroy()).listen(clone.port, '127.0.0.1')
      await once(thief, 'listening')
      try {
        return await clone.run()
      } finally {
        thief.close()
      }
    }
  },
  {
    name: 'the clock jumps',
    times: 5,
    happen: (clone, random) => {
      clone.reconfigure()
      return clone.run({ NODE_OPTIONS: clockJump(random.pick([7_200_000, -7_200_000, 90_000_000])) })
    }
  },
  {
    name: 'a slow registry',
    times: 3,
    happen: async (clone, random) => {
      if (random.between(0, 1) === 0) await clone.commit()
      else await rm(join(clone.folder, 'dist/phases/catalog.json'))
      return withSlow(await clone.registry(), () => clone.run())
    }
  }
]

async function withFull(
  clone: Clone,
  which: 'workspace' | 'images',
  work: () => Promise<Outcome>
): Promise<Outcome> {
  const empty = await clone.fill(which)
  try {
    return await work()
  } finally {
    await empty()
  }
}

/** A process gets a tenth of the time while the work goes on. */
async function withSlow(pid: number, work: () => Promise<Outcome>): Promise<Outcome> {
  const ended = new AbortController()
  const slowing = (async () => {
    while (!ended.signal.aborted) {
      process.kill(pid, 'SIGSTOP')
      await sleep(450)
      process.kill(pid, 'SIGCONT')
      await sleep(50)
    }
  })()
  try {
    return await work()
  } finally {
    ended.abort()
    await slowing
  }
}

/** The clock of each program jumps a while after its start. */
function clockJump(ms: number): string {
  return imported(
    `const D=Date;let j=0;setTimeout(()=>{j=${ms}},300).unref();globalThis.Date=class extends D{constructor(...a){if(a.length>0)super(...a);else super(D.now()+j)}static now(){return D.now()+j}}`
  )
}

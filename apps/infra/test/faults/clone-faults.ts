import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { execFile } from 'node:child_process'
import { readState } from '../../src/targets/local/state.ts'
import { commit } from '../git-workspace.ts'
import type { Fault, Outcome } from './attempt.ts'
import { killGroup, type Clone, type Configuration, type Running } from './clone.ts'
import { processGroup } from './clone-traces.ts'
import type { Random } from './random.ts'

const exec = promisify(execFile)

export interface CountedFault extends Fault<Clone> {
  /** How often it is among 200. */
  readonly times: number
}

/** What a run says when it is at a step, for a rollout alone and for a new commit. */
const stepsOfRollout: readonly [RegExp, ...RegExp[]] = [
  /nx run infra:synth/,
  /nx run infra:deploy\n/,
  /starting 2 new tasks/,
  /new tasks started/,
  /new tasks healthy/,
  /new tasks serve/,
  /draining 2/,
  /drained and stopped/,
  /nx run infra:deploy-test/,
  /deploy\.certificate/,
  /deploy\.logs/
]
const stepsOfCommit: readonly [RegExp, ...RegExp[]] = [
  /nx run mcp-server:endpoint/,
  /nx run mcp-server:app/,
  /nx run mcp-server:container\n/,
  /nx run mcp-server:container-test/,
  /build\.health/,
  /nx run mcp-server:push\n/,
  /nx run mcp-server:push-test/
]

/** Files that a run reads which an earlier one wrote. */
const files = [
  'dist/phases/app.json',
  'dist/phases/build.json',
  'dist/phases/catalog.json',
  'dist/phases/deploy.json',
  'dist/container/push.json',
  'dist/container/image.json',
  'dist/container/quilt-mcp.oci.tar',
  'dist/base-image/base.oci.tar',
  'dist/cdk.out/QuiltMcp.template.json',
  'dist/apps/mcp-server/main.js',
  '.local/deployment/state.json',
  '.local/deployment/ca/localhost.pem',
  '.local/deployment/ca/ca.pem',
  '.local/deployment/haproxy/haproxy.cfg',
  '.local/registry/state.json',
  '.config'
] as const

export const cloneFaults: readonly CountedFault[] = [
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
      const lock = {
        pid: 1,
        processStart: 'before',
        command: 'make full',
        since: new Date(0).toISOString(),
        token: 'x'
      }
      await writeFile(join(clone.folder, '.local/lock.json'), JSON.stringify(lock))
      return killed(clone, [...(await clone.tasks()), await clone.balancer(), await clone.registry()])
    }
  },
  {
    name: 'kill -9 of a task during a rollout',
    times: 4,
    happen: async (clone, random) => {
      const running = await rollingOut(clone, random)
      const tasks = await (await clone.engine()).list({ labels: {} })
      kill([tasks[random.between(0, Math.max(0, tasks.length - 1))]?.pid])
      return running.ended
    }
  },
  {
    name: 'kill -9 of the load balancer during a rollout',
    times: 4,
    happen: async (clone, random) => {
      const running = await rollingOut(clone, random)
      kill([await clone.balancer()])
      return running.ended
    }
  },
  {
    name: 'a task that hangs (SIGSTOP)',
    times: 5,
    happen: async (clone) => {
      process.kill((await clone.tasks())[0] ?? 0, 'SIGSTOP')
      await sleep(2500)
      return clone.run()
    }
  },
  {
    name: 'a load balancer that hangs (SIGSTOP)',
    times: 5,
    happen: async (clone) => {
      process.kill(await clone.balancer(), 'SIGSTOP')
      return clone.run()
    }
  },
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
      kill([await clone.balancer()])
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
  },
  {
    name: 'HEAD moves in the middle of a run',
    times: 3,
    happen: async (clone, random) => {
      await clone.commit()
      const running = clone.start()
      await running.says(random.pick([...stepsOfCommit, ...stepsOfRollout]))
      await commit(clone.folder, 'meanwhile')
      return running.ended
    }
  },
  ...files.map((name) => ({
    name: `${name} is damaged`,
    times: 2,
    happen: async (clone: Clone, random: Random) => {
      await clone.damage(name, random.pick(['truncated', 'edited']))
      return clone.run()
    }
  })),
  {
    name: 'the lock is damaged',
    times: 2,
    happen: async (clone) => {
      await writeFile(join(clone.folder, '.local/lock.json'), '{"pid":')
      return clone.run()
    }
  },
  {
    name: 'everything that was made is gone (dist)',
    times: 2,
    happen: async (clone) => {
      await rm(join(clone.folder, 'dist'), { recursive: true })
      return clone.run()
    }
  },
  {
    name: 'the registry has lost what was pushed',
    times: 3,
    happen: async (clone) => {
      kill([await clone.registry()])
      await rm(join(clone.folder, '.local/registry/data/docker'), { recursive: true, force: true })
      return clone.run()
    }
  },
  {
    name: 'a version that crashes at start',
    times: 4,
    happen: (clone) => refused(clone, { SHUTDOWN_SECONDS: 'soon' })
  },
  {
    name: 'a version that hangs',
    times: 2,
    happen: (clone) => refused(clone, { NODE_OPTIONS: '--inspect-brk' })
  },
  {
    name: 'a version that never becomes healthy',
    times: 2,
    happen: (clone) => refused(clone, { PORT: '8001' })
  },
  {
    name: 'a version that becomes healthy and dies',
    times: 4,
    happen: (clone) => refused(clone, { NODE_OPTIONS: imported('setTimeout(()=>process.exit(9),4000)') })
  },
  {
    name: 'a version that answers wrongly',
    times: 4,
    happen: (clone) => refused(clone, { NODE_OPTIONS: imported(wrongAnswers) })
  },
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
    happen: async (clone, random) => {
      const running = await rollingOut(clone, random)
      const second = await clone.run({}, 'deploy')
      const first = await running.ended
      if (first.code !== 0 || !second.text.includes('[locked]'))
        throw new Error(`${first.text}\n---\n${second.text}`)
      return second
    }
  },
  {
    name: 'destroy during deploy',
    times: 3,
    happen: async (clone, random) => {
      const running = await rollingOut(clone, random)
      const second = await clone.run({}, 'destroy')
      const first = await running.ended
      if (first.code !== 0 || !second.text.includes('[locked]'))
        throw new Error(`${first.text}\n---\n${second.text}`)
      return second
    }
  }
]

/** A run with a rollout, at one of its steps. */
async function rollingOut(clone: Clone, random: Random): Promise<Running> {
  clone.reconfigure()
  const running = clone.start()
  await running.says(
    random.pick([/starting 2 new tasks/, /new tasks started/, /new tasks healthy/, /draining 2/])
  )
  return running
}

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
    kill([all[random.between(0, Math.max(0, all.length - 1))]?.pid])
  }
  const outcome = await running.ended
  return outcome.code === 0 ? outcome : { ...outcome, code: undefined }
}

async function killed(clone: Clone, pids: readonly (number | undefined)[]): Promise<Outcome> {
  kill(pids)
  await sleep(100)
  return clone.run()
}

function kill(pids: readonly (number | undefined)[]): void {
  for (const pid of pids) if (pid !== undefined && pid > 1) process.kill(pid, 'SIGKILL')
}

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

/** A version that is refused: what served before must serve on, configured as it was. */
async function refused(clone: Clone, configuration: Configuration): Promise<Outcome> {
  const before = clone.configuration
  clone.configuration = { ...before, ...configuration }
  const outcome = await clone.run().finally(() => {
    clone.configuration = before
  })
  if (outcome.code === 0) throw new Error('it was accepted')
  const state = await readState(clone.paths.state)
  const environment = state?.history[0].description.task.environment
  for (const [name, value] of Object.entries(configuration))
    if (environment?.[name] === value) throw new Error(`${name}=${value} is served after it was refused`)
  await clone.ask()
  return outcome
}

/** Has the responses of a server name no result: no MCP client can read them. */
const wrongAnswers = `import http from 'node:http'
const {end}=http.ServerResponse.prototype
http.ServerResponse.prototype.end=function(body,...rest){return end.call(this,body===undefined||typeof body==='function'?body:String(body).replaceAll('"result"','"resulT"'),...rest)}`

/** The clock of each program jumps a while after its start. */
function clockJump(ms: number): string {
  return imported(
    `const D=Date;let j=0;setTimeout(()=>{j=${ms}},300).unref();globalThis.Date=class extends D{constructor(...a){if(a.length>0)super(...a);else super(D.now()+j)}static now(){return D.now()+j}}`
  )
}

/** NODE_OPTIONS that run code first. */
function imported(code: string): string {
  return `--import=data:text/javascript,${encodeURIComponent(code)}`
}

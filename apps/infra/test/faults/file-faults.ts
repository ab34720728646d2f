import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commit } from '../git-workspace.ts'
import type { Clone } from './clone.ts'
import type { CountedFault } from './counted-fault.ts'
import { stepsOfCommit, stepsOfRollout } from './pipeline-steps.ts'
import type { Random } from './random.ts'
import { signal } from './signal.ts'

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

/** HEAD that moves, and files that are damaged or gone. */
export const fileFaults: readonly CountedFault[] = [
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
      signal([await clone.registry()])
      await rm(join(clone.folder, '.local/registry/data/docker'), { recursive: true, force: true })
      return clone.run()
    }
  }
]

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

import { isQuiltError } from '../../src/error.ts'
import { openRegistry } from '../../src/registry/open-registry.ts'
import { verifyPackage } from '../../src/registry/verify.ts'
import type { Revision } from '../../src/types.ts'

export interface Survived {
  /** Kills after which the package had a latest revision. */
  readonly withLatest: number
  /** Revisions that were opened and verified whole, over all kills. */
  readonly verified: number
}

/**
 * Lets a process push into a registry and kills it at a random moment, again and again. After each kill the registry must
 * list, open and verify; throws where it does not.
 */
export async function killWriters(folder: string, times: number): Promise<Survived> {
  const uri = `file://${folder}`
  let withLatest = 0
  let verified = 0
  for (let kill = 0; kill < times; kill++) {
    // Most are killed in the middle of their second push or later, some in the first.
    await runAndKill(uri, kill % 4 === 0 ? 0 : 1)
    const registry = openRegistry(uri)
    const { items: packages } = await registry.packages({ limit: 10 })
    const { items: revisions } = await registry.revisions('crash/test', { limit: 10_000 })
    const latest = await registry.resolve('crash/test').catch((error: unknown) => {
      if (isQuiltError(error, 'package-not-found')) return undefined
      throw error
    })
    if (latest !== undefined) withLatest++
    if (latest !== undefined && packages.length !== 1) throw new Error('the package is not listed')
    for (const topHash of sample(revisions)) {
      const manifest = await registry.open(topHash)
      const wrong = await Array.fromAsync(verifyPackage(registry, manifest))
      await manifest.close()
      if (wrong.length > 0) throw new Error(`revision ${topHash} is damaged: ${JSON.stringify(wrong)}`)
      verified++
    }
  }
  return { withLatest, verified }
}

async function runAndKill(uri: string, pushes: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', new URL('./writer.ts', import.meta.url).pathname, uri, String(pushes)],
    {
      stdio: ['ignore', 'pipe', 'inherit']
    }
  )
  const ended = once(child, 'exit')
  const failed = ended.then(() => Promise.reject(new Error('the writer ended by itself')))
  // once it was killed, its end is expected
  failed.catch(() => undefined)
  await Promise.race([once(child.stdout, 'data'), failed])
  await sleep(Math.random() * 200)
  child.kill('SIGKILL')
  await ended
}

/** The latest revision, the newest, and one of the others. */
function sample(revisions: readonly Revision[]): ReadonlySet<string> {
  const some = [revisions[0], revisions[1], revisions[Math.floor(Math.random() * revisions.length)]]
  return new Set(some.flatMap((revision) => (revision === undefined ? [] : [revision.topHash])))
}

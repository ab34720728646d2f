import type { Clone, Running } from './clone.ts'
import type { Random } from './random.ts'

/** What a run says when it is at a step, for a rollout alone and for a new commit. */
export const stepsOfRollout: readonly [RegExp, ...RegExp[]] = [
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
export const stepsOfCommit: readonly [RegExp, ...RegExp[]] = [
  /nx run mcp-server:endpoint/,
  /nx run mcp-server:app/,
  /nx run mcp-server:container\n/,
  /nx run mcp-server:container-test/,
  /build\.health/,
  /nx run mcp-server:push\n/,
  /nx run mcp-server:push-test/
]

/** A run with a rollout, at one of its steps. */
export async function rollingOut(clone: Clone, random: Random): Promise<Running> {
  clone.reconfigure()
  const running = clone.start()
  await running.says(
    random.pick([/starting 2 new tasks/, /new tasks started/, /new tasks healthy/, /draining 2/])
  )
  return running
}

import { isDeepStrictEqual } from 'node:util'
import { CodedError } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { z } from 'zod'
import { readIfThere } from '../../read-if-there.ts'
import { serviceDescription } from './template/service-description.ts'

const version = z.strictObject({
  sha: z.string().regex(/^[0-9a-f]{4,64}$/),
  fullSha: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
  dirty: z.boolean(),
  committedAt: z.string()
})

const image = z.strictObject({
  /** By digest, as an engine pulls it. */
  reference: z.string().regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** The registry speaks plain HTTP. */
  insecure: z.boolean()
})

const deployedVersion = z.strictObject({
  version,
  image,
  description: serviceDescription,
  /** ISO 8601 in UTC. */
  deployedAt: z.string(),
  /** What the checks of the phase said about it, once they did. */
  proof: z.enum(['none', 'passed', 'failed'])
})

const runningTask = z.strictObject({
  name: z.string(),
  /** Container id. */
  id: z.string(),
  port: z.int(),
  /** Process id on this machine; left out where the engine runs in a virtual machine. */
  pid: z.int().optional(),
  startedAt: z.string()
})

const deploymentState = z.strictObject({
  format: z.literal(1),
  engine: z.enum(['docker', 'podman']),
  endpoint: z.string(),
  httpsPort: z.int(),
  tasks: z.array(runningTask),
  /** Ids of containers that could not be taken away and serve nobody; left out where there are none. */
  left: z.array(z.string()).optional(),
  /** When anything last had to be done for what runs, ISO 8601 in UTC. States of before this was kept have none. */
  changedAt: z.string().optional(),
  /** The last ten versions that were rolled out, the running one first, each once. */
  history: z.tuple([deployedVersion], deployedVersion)
})

export type DeployedImage = Readonly<z.output<typeof image>>
export type DeployedVersion = Readonly<z.output<typeof deployedVersion>>
export type RunningTask = Readonly<z.output<typeof runningTask>>
export type DeploymentState = Readonly<z.output<typeof deploymentState>>

const longestHistory = 10

/** The state of the deployment; undefined where nothing is deployed. Throws CodedError `state-invalid`. */
export async function readState(path: string): Promise<DeploymentState | undefined> {
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  const invalid = (evidence: string, cause: unknown): CodedError =>
    new CodedError('state-invalid', `${path} is not the state of a deployment: truncated or edited`, {
      evidence,
      remedy: `Move it away (\`mv ${path} ${path}.damaged\`) and run \`make deploy\`: what runs is found by its labels; the history of versions to go back to is lost.`,
      cause
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error)
  }
  const parsed = deploymentState.safeParse(value)
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error), parsed.error)
  return parsed.data
}

/** Writes the state aside, then puts it in place. */
export async function writeState(path: string, state: DeploymentState): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(state, undefined, 2)}\n`)
}

/** The history with a version put first: each image with each description once, ten at most. */
export function withVersion(
  history: readonly DeployedVersion[],
  current: DeployedVersion
): DeploymentState['history'] {
  // One image under two descriptions is two versions: where the new description is refused, the way back is to the old.
  const others = history.filter(
    ({ image, description }) =>
      image.digest !== current.image.digest || !isDeepStrictEqual(description, current.description)
  )
  return [current, ...others.slice(0, longestHistory - 1)]
}

import { CodedError } from '@fast-mcp/errors'
import {
  contracts,
  runChecks,
  runPhase,
  type PhaseRecord,
  type Probe,
  type Terminal
} from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import type { DeploymentTarget, PushedImage } from '../target.ts'
import { endpointProbes } from './endpoint-probes.ts'
import { withEvidence, withTaskLogs } from './with-task-logs.ts'

export interface ProveOptions {
  readonly workspace: string
  readonly target: DeploymentTarget
  /** The commit and the image that must be live. */
  readonly version: Version
  readonly image: Pick<PushedImage, 'reference' | 'digest'>
  readonly signal: AbortSignal
  readonly json: boolean
  /** Probes in place of the phase's own. @default none */
  readonly probes?: Readonly<Record<string, Probe>>
  /** @default process.stdout */
  readonly terminal?: Terminal
}

/**
 * Runs every check of phase deploy on what is live, writes the phase's record, and keeps the result with the version,
 * so that a rollback does not go back to one that was refused.
 *
 * Throws CodedError `check-failed` where one failed, `not-deployed` where nothing is.
 */
export async function prove(options: ProveOptions): Promise<PhaseRecord> {
  const { workspace, target, version, image, signal, json } = options
  const { digest } = image
  const details: Record<string, unknown> = {}
  const targetProbes = await target.probes({ version, digest })
  const status = await target.status()
  const live = status.state === 'not-deployed' ? undefined : status.history[0]
  // What the checks say about another version than the live one is not kept with it.
  const isLive = live?.version.fullSha === version.fullSha && live.digest === digest
  if (status.state !== 'not-deployed') {
    if (status.changedAt !== undefined) details['changedAt'] = status.changedAt
    details['running'] = [
      ...status.parts.map(({ name, what, state }) => ({ name, what, where: status.endpoint, state })),
      ...status.tasks.map(({ name, address, health }) => ({
        name,
        what: 'task',
        where: address,
        state: health
      }))
    ]
  }
  try {
    const record = await runPhase({
      workspace,
      phase: 'deploy',
      target: target.name,
      version,
      inputs: [{ name: 'image', kind: 'image', location: image.reference, digest }],
      outputs: [
        {
          name: 'endpoint',
          kind: 'endpoint',
          location: status.state === 'not-deployed' ? 'none' : status.endpoint,
          digest
        }
      ],
      probes: {
        ...targetProbes,
        ...endpointProbes({ workspace, version, digest, signal, details }),
        ...options.probes
      },
      json,
      signal,
      details,
      ...(options.terminal === undefined ? {} : { terminal: options.terminal })
    })
    if (isLive) await target.recordProof('passed')
    return record
  } catch (error) {
    if (!isLive || !(error instanceof CodedError) || error.code !== 'check-failed') throw error
    // A full disk must not hide what failed, nor keep the caller from going back.
    const unkept = await target.recordProof('failed').then(() => undefined, reasonOf)
    const full = await withTaskLogs(workspace, target, error).catch(() => error)
    if (unkept === undefined) throw full
    throw withEvidence(full, `that it failed could not be kept with the version: ${unkept}`)
  }
}

/** For a version that the phases before let through once: its record of them may be gone. */
export const ofHistory: Readonly<Record<string, Probe>> = {
  'deploy.input': () =>
    Promise.resolve({
      status: 'passed',
      evidence: 'a version of the history, from the state of the deployment'
    })
}

/**
 * Makes every check of phase deploy on a version that serves again, and says in words what they found. The phase's
 * record is left alone: it keeps why the version after it was taken back.
 */
export async function proveAgain(options: Omit<ProveOptions, 'json' | 'terminal'>): Promise<string> {
  const { workspace, target, version, image, signal } = options
  const { digest } = image
  try {
    const rows = await runChecks({
      checks: contracts.deploy,
      target: target.name,
      probes: {
        ...(await target.probes({ version, digest })),
        ...endpointProbes({ workspace, version, digest, signal, details: {} }),
        ...options.probes,
        ...ofHistory
      },
      signal,
      onRow: () => undefined
    })
    const bad = rows.filter(({ status }) => status === 'failed' || status === 'not-run')
    return bad.length === 0
      ? 'and passes its checks'
      : `but not all is well: ${bad.map(({ id }) => id).join(', ')}`
  } catch (error) {
    return `but could not be checked: ${reasonOf(error)}`
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

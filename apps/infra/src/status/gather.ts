import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CodedError } from '@fast-mcp/errors'
import { phases, readRecord, type Phase } from '@fast-mcp/validation'
import { readVersion, type Version } from '@fast-mcp/versioning'
import { configPath, readConfigFile } from '../config-file.ts'
import type { DeploymentStatus, DeploymentTarget } from '../target.ts'

const run = promisify(execFile)

export interface PhaseStatus {
  readonly phase: Phase
  readonly state: 'passed' | 'failed' | 'none' | 'unreadable'
  readonly version: Version | undefined
  /** ISO 8601 in UTC. */
  readonly finishedAt: string | undefined
}

export interface Status {
  /** The commit that is checked out; undefined where there is none. */
  readonly head: Version | undefined
  /** HEAD is what is live: the same full SHA, no uncommitted changes on either side. */
  readonly current: boolean
  /** Commits of HEAD that what is live does not have; undefined where that cannot be said. */
  readonly ahead: number | undefined
  readonly phases: readonly PhaseStatus[]
  readonly deployment: DeploymentStatus
}

/** Exit code of the program, by what is deployed: 0 healthy, 1 not healthy, 3 nothing. */
export const exitCodes = { healthy: 0, unhealthy: 1, 'not-deployed': 3 } as const

/** What is deployed, whether it is healthy, and how the phases and HEAD stand to it. Throws CodedError `state-invalid`. */
export async function gatherStatus(workspace: string, target: DeploymentTarget): Promise<Status> {
  const [head, running, config, records] = await Promise.all([
    headOf(workspace),
    target.status(),
    readConfigFile(join(workspace, configPath)),
    Promise.all(phases.map((phase) => phaseStatus(workspace, phase)))
  ])
  const deployment = againstConfig(running, config)
  const live = deployment.state === 'not-deployed' ? undefined : deployment.history[0]?.version
  const current =
    head !== undefined && live !== undefined && live.fullSha === head.fullSha && live.dirty === head.dirty
  const ahead =
    head === undefined || live === undefined
      ? undefined
      : live.fullSha === head.fullSha
        ? 0
        : await commitsSince(workspace, live.fullSha)
  return { head, current, ahead, phases: records, deployment }
}

/**
 * `.config` is what says to everybody else what is deployed: it must name what runs, and on this machine nothing is
 * deployed without it. A stack on AWS is found by its name, from a fresh clone too.
 */
function againstConfig(
  running: DeploymentStatus,
  config: Readonly<Record<string, string>> | undefined
): DeploymentStatus {
  if (running.state === 'not-deployed') return running
  if (config === undefined && running.target === 'aws') return running
  if (config === undefined)
    return {
      state: 'not-deployed',
      target: running.target,
      note: `${configPath} is not there, though ${running.endpoint} runs: make deploy writes it again, make destroy ends what runs`
    }
  const [live] = running.history
  if (config['IMAGE_DIGEST'] === live?.digest && config['MCP_ENDPOINT'] === running.endpoint) return running
  const problem = `${configPath} names ${config['VERSION']} at ${config['MCP_ENDPOINT']}, which is not what runs: make deploy writes it again`
  return { ...running, state: 'unhealthy', problems: [...running.problems, problem] }
}

/** Undefined where the commit is not in this repository. */
async function commitsSince(workspace: string, fullSha: string): Promise<number | undefined> {
  try {
    const { stdout } = await run('git', ['-C', workspace, 'rev-list', '--count', `${fullSha}..HEAD`])
    return Number(stdout)
  } catch {
    return undefined
  }
}

/** HEAD, or undefined outside a repository: what is deployed can be shown without. */
async function headOf(workspace: string): Promise<Version | undefined> {
  try {
    return await readVersion(workspace)
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}

async function phaseStatus(workspace: string, phase: Phase): Promise<PhaseStatus> {
  try {
    const record = await readRecord(workspace, phase)
    return {
      phase,
      state: record === undefined ? 'none' : record.passed ? 'passed' : 'failed',
      version: record?.version,
      finishedAt: record?.finishedAt
    }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { phase, state: 'unreadable', version: undefined, finishedAt: undefined }
  }
}

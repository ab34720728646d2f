import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { versionTag, type Version } from '@fast-mcp/versioning'
import { stackOutputs } from './aws-outputs.ts'
import type { AwsClients } from './clients.ts'
import { explain } from './explain.ts'
import { learned } from './learned.ts'
import { firstFailure } from './first-failure.ts'
import { readService, readTargets } from './running-service.ts'
import { isBusy, isWhole, readStack, type StackState } from './stack-state.ts'
import { watchTasks } from './watch-tasks.ts'

export interface BringUp {
  readonly clients: AwsClients
  readonly workspace: string
  readonly stackName: string
  readonly version: Version
  /** The stack before; undefined where it is made. */
  readonly before: StackState | undefined
  readonly signal: AbortSignal
  readonly report: (line: string) => void
  readonly update: () => Promise<void>
  /** Pause between two looks at the tasks of a stack that is made. */
  readonly pauseMs: number
}

/**
 * Runs an update; where it fails, finds out why and what serves now, and throws that: as `rollout-failed`, or with the
 * code of what AWS refused. What could not be learned on the way is a line of the evidence and hides nothing.
 */
export async function bringUp(options: BringUp): Promise<void> {
  const { clients, workspace, stackName, version, before, signal, report, update, pauseMs } = options
  const mark = markPath(workspace, stackName)
  const since = new Date()
  await writeAtomically(mark, `${JSON.stringify({ stack: stackName, since })}\n`)
  const watched = before === undefined ? watchTasks({ clients, stackName, since, pauseMs }) : undefined
  try {
    await update()
    await watched?.()
  } catch (error) {
    const task = (await watched?.()) ?? ''
    signal.throwIfAborted()
    const { serves, ended } = await serving(clients, stackName)
    report(serves)
    if (ended) await rm(mark, { force: true })
    const refusal = explain(error)
    if (refusal instanceof CodedError)
      throw new CodedError(refusal.code, `${refusal.message}; ${serves}`, {
        remedy: refusal.remedy,
        cause: error,
        ...(refusal.evidence === undefined ? {} : { evidence: refusal.evidence })
      })
    const failure = await learned('why the rollout failed', () =>
      firstFailure(clients, stackName, since, before === undefined ? undefined : stackOutputs(before))
    )
    const evidence = [failure, task].filter((part) => part !== '').join('\n')
    throw new CodedError('rollout-failed', `${versionTag(version)} did not become healthy; ${serves}`, {
      evidence: evidence === '' ? String(error) : evidence,
      remedy: 'Mend what the evidence names, commit, and run `make full` again.',
      cause: error
    })
  }
  await rm(mark, { force: true })
}

/** Whether a deployment from this workspace was at work, and did not see the end. */
export function wasInterrupted(workspace: string, stackName: string): boolean {
  return existsSync(markPath(workspace, stackName))
}

/** Once CloudFormation has ended, nothing of this workspace is at work: the next one to be is somebody else. */
export async function forgetInterrupted(workspace: string, stackName: string): Promise<void> {
  await rm(markPath(workspace, stackName), { force: true })
}

function markPath(workspace: string, stackName: string): string {
  return join(workspace, '.local', `deploying-${stackName}.json`)
}

interface Serving {
  /** As a sentence. */
  readonly serves: string
  /** CloudFormation is known not to be at work any more. */
  readonly ended: boolean
}

/** What serves after a failure, looked at and not assumed. */
async function serving(clients: AwsClients, stackName: string): Promise<Serving> {
  let ended = false
  const serves = await learned('what serves now', async () => {
    const stack = await readStack(clients.cloudFormation, stackName)
    ended = stack === undefined || !isBusy(stack)
    if (stack !== undefined && isBusy(stack)) return `CloudFormation is still at work (${stack.status})`
    if (stack?.outputs['ServiceName'] === undefined || !isWhole(stack)) return 'nothing serves'
    const outputs = stackOutputs(stack)
    const [service, targets] = await Promise.all([
      readService(clients.ecs, outputs),
      readTargets(clients.balancing, outputs.targetGroup)
    ])
    const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length
    return `version ${stack.parameters['Version']} still serves, ${service.running} tasks run, ${healthy} targets are healthy`
  })
  return { serves, ended }
}

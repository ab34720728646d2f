import type { StackActivity } from '@aws-cdk/toolkit-lib'
import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '@fast-mcp/errors'
import { assemblyPath, stackName } from '../../template-path.ts'
import { settleLimitMs } from './aws-deployment.ts'

export interface AssemblyDeployment {
  readonly workspace: string
  readonly region: string
  readonly parameters: Readonly<Record<string, string>>
  readonly report: (line: string) => void
  readonly signal: AbortSignal
  /** @default 45 minutes */
  readonly limitMs?: number
}

/**
 * Deploys the synthesized stack and reports each resource as its state changes. The toolkit is loaded here: it is large.
 * An interrupt is not waited for by the toolkit, and the time limit ends the waiting: CloudFormation goes on by itself.
 *
 * Throws CodedError `aws-unavailable` after the time limit.
 */
export async function deployAssembly(options: AssemblyDeployment): Promise<void> {
  const { workspace, region, parameters, report, signal, limitMs = settleLimitMs } = options
  const { StackParameters, StackSelectionStrategy } = await import('@aws-cdk/toolkit-lib')
  const toolkit = await quietToolkit(region, (code, data) => {
    if (code === 'CDK_TOOLKIT_I5502' && isActivity(data)) report(activityLine(data))
  })
  const deployed = toolkit.deploy(await toolkit.fromAssemblyDirectory(assemblyPath(workspace)), {
    stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [stackName] },
    deploymentMethod: { method: 'change-set' },
    parameters: StackParameters.exactly({ ...parameters })
  })
  await within(deployed, limitMs, signal)
}

/** Waits for work that takes no signal. Throws CodedError `aws-unavailable` when it takes longer than it may. */
export async function within(work: Promise<unknown>, limitMs: number, signal: AbortSignal): Promise<void> {
  const ended = new AbortController()
  const limit = sleep(limitMs, undefined, { signal: AbortSignal.any([signal, ended.signal]) }).then(() => {
    throw new CodedError(
      'aws-unavailable',
      `the deployment has not ended within ${Math.round(limitMs / 60_000)} minutes`,
      { remedy: 'Run `make status`; when CloudFormation has ended, run `make deploy` again.' }
    )
  })
  try {
    await Promise.race([work, limit])
  } finally {
    ended.abort()
  }
}

/** What a deployment would change, as the toolkit shows it. Nothing is changed. */
export async function diffAssembly(workspace: string, region: string): Promise<string> {
  const { DiffMethod, StackSelectionStrategy } = await import('@aws-cdk/toolkit-lib')
  const said: string[] = []
  const toolkit = await quietToolkit(region, (code, _, message) => {
    if (code === 'CDK_TOOLKIT_I4002') said.push(message)
  })
  await toolkit.diff(await toolkit.fromAssemblyDirectory(assemblyPath(workspace)), {
    stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [stackName] },
    // A change set would take a minute, and the right to make one.
    method: DiffMethod.TemplateOnly()
  })
  return said.join('\n').trim()
}

type OnMessage = (code: string | undefined, data: unknown, message: string) => void

async function quietToolkit(region: string, onMessage: OnMessage) {
  const { BaseCredentials, Toolkit } = await import('@aws-cdk/toolkit-lib')
  return new Toolkit({
    ioHost: {
      notify: ({ code, data, message }) => {
        onMessage(code, data, message)
        return Promise.resolve()
      },
      requestResponse: ({ defaultResponse }) => Promise.resolve(defaultResponse)
    },
    emojis: false,
    color: false,
    sdkConfig: { baseCredentials: BaseCredentials.awsCliCompatible({ defaultRegion: region }) }
  })
}

function isActivity(value: unknown): value is StackActivity {
  return typeof value === 'object' && value !== null && 'event' in value && 'progress' in value
}

/** `[3/42] CREATE_COMPLETE AWS::ECS::Cluster Cluster`, with the reason of a failure. */
function activityLine({ event, progress }: StackActivity): string {
  const reason = event.ResourceStatusReason === undefined ? '' : `: ${event.ResourceStatusReason}`
  return `[${progress.formatted}] ${event.ResourceStatus} ${event.ResourceType} ${event.LogicalResourceId}${reason}`
}

import type { StackActivity } from '@aws-cdk/toolkit-lib'
import { assemblyPath, stackName } from '../../template-path.ts'

export interface AssemblyDeployment {
  readonly workspace: string
  readonly region: string
  readonly parameters: Readonly<Record<string, string>>
  readonly report: (line: string) => void
}

/** Deploys the synthesized stack and reports each resource as its state changes. The toolkit is loaded here: it is large. */
export async function deployAssembly(options: AssemblyDeployment): Promise<void> {
  const { workspace, region, parameters, report } = options
  const { StackParameters, StackSelectionStrategy } = await import('@aws-cdk/toolkit-lib')
  const toolkit = await quietToolkit(region, (code, data) => {
    if (code === 'CDK_TOOLKIT_I5502' && isActivity(data)) report(activityLine(data))
  })
  await toolkit.deploy(await toolkit.fromAssemblyDirectory(assemblyPath(workspace)), {
    stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [stackName] },
    deploymentMethod: { method: 'change-set' },
    parameters: StackParameters.exactly({ ...parameters })
  })
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

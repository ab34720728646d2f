import { GetTemplateCommand } from '@aws-sdk/client-cloudformation'
import { CodedError } from '@fast-mcp/errors'
import type { Probe } from '@fast-mcp/validation'
import { versionTag, type Version } from '@fast-mcp/versioning'
import { awsStackName } from '../../template-path.ts'
import type {
  Deployment,
  DeploymentStatus,
  DeploymentTarget,
  DeployRequest,
  ExpectedDeployment,
  PushedImage,
  TargetContext
} from '../../target.ts'
import { requireCaller, requirePlace, type AwsPlace } from './account.ts'
import { untilSettled, updateParameters } from './aws-deployment.ts'
import { configValues, stackOutputs } from './aws-outputs.ts'
import { awsProbes } from './aws-probes.ts'
import { awsStatus } from './aws-status.ts'
import { bringUp, forgetInterrupted, wasInterrupted } from './bring-up.ts'
import { awsClients, type AwsClients } from './clients.ts'
import { destroyAws, destroyPlan } from './destroy-aws.ts'
import { earlierVersion } from './earlier-version.ts'
import { explained } from './explain.ts'
import { readHistory, withEntry, writeHistory } from './history.ts'
import { keepImage } from './keep-image.ts'
import { accountParameters } from './stack-parameters.ts'
import { isBusy, isWhole, liveDigest, readStack, requireUsable, type StackState } from './stack-state.ts'
import { sameTemplate, templateHash } from './templates.ts'
import type { Patience } from '../../wait-for.ts'

export interface AwsTargetOptions {
  /** @default awsClients of the region */
  readonly clients?: AwsClients
  /** Pause between two looks at CloudFormation, in milliseconds. @default 5000 */
  readonly pauseMs?: number
  readonly patience?: Patience
}

/** AWS: the template as a CloudFormation stack, its service on ECS Fargate. */
export class AwsTarget implements DeploymentTarget {
  readonly name = 'aws'
  readonly #context: TargetContext
  readonly #place: AwsPlace
  readonly #stackName: string
  readonly #clients: AwsClients
  readonly #options: AwsTargetOptions

  /** Throws CodedError `invalid-environment` before anything is asked. */
  constructor(context: TargetContext, options: AwsTargetOptions = {}) {
    this.#context = context
    this.#place = requirePlace(context.environment)
    this.#stackName = awsStackName(context.environment)
    this.#clients = options.clients ?? awsClients(this.#place.region)
    this.#options = options
  }

  deploy(request: DeployRequest): Promise<Deployment> {
    return explained(() => this.#deploy(request))
  }

  status(): Promise<DeploymentStatus> {
    return explained(async () => {
      // In another account there is no such stack, which is not to say that nothing is deployed.
      await requireCaller(this.#clients.sts, this.#place)
      return awsStatus(this.#clients, this.#stackName)
    })
  }

  rollback(sha?: string): Promise<Deployment> {
    return explained(() => this.#rollback(sha))
  }

  destroy(): Promise<readonly string[]> {
    return explained(async () => {
      await requireCaller(this.#clients.sts, this.#place)
      const stack = await this.#settledStack()
      return destroyAws({ ...this.#settling(), workspace: this.#context.workspace, stack })
    })
  }

  planDestroy(): Promise<readonly string[]> {
    return explained(async () => {
      await requireCaller(this.#clients.sts, this.#place)
      return destroyPlan(this.#clients, this.#stackName, this.#place)
    })
  }

  probes(expected: ExpectedDeployment): Promise<Readonly<Record<string, Probe>>> {
    return explained(async () =>
      awsProbes({
        ...expected,
        workspace: this.#context.workspace,
        clients: this.#clients,
        place: this.#place,
        stack: await this.#requireStack(),
        repository: this.#context.environment.ECR_REPOSITORY,
        patience: this.#options.patience ?? {}
      })
    )
  }

  recordProof(proof: 'passed' | 'failed'): Promise<void> {
    return explained(async () => {
      const stack = await this.#requireStack()
      const { historyParameter } = stackOutputs(stack)
      const history = await readHistory(this.#clients.ssm, historyParameter)
      // What an interrupted deployment made live is not written down: its proof goes to no other version.
      const live = liveDigest(stack)
      if (history.some(({ digest }) => digest === live))
        await writeHistory(
          this.#clients.ssm,
          historyParameter,
          history.map((entry) => (entry.digest === live ? { ...entry, proof } : entry))
        )
    })
  }

  async #deploy({ version, image, template }: DeployRequest): Promise<Deployment> {
    const { report, workspace, environment, signal } = this.#context
    if (version.dirty)
      throw new CodedError(
        'dirty-tree',
        `${version.sha} has uncommitted changes, and AWS takes commits only`,
        {
          remedy: 'Commit or stash them (`git status` lists them), then run `make full`.'
        }
      )
    await requireCaller(this.#clients.sts, this.#place)
    const before = await this.#idleStack()
    const parameters = {
      ImageUri: image.reference,
      Version: versionTag(version),
      Revision: version.fullSha,
      ...(await accountParameters(this.#clients.ec2, template, environment))
    }
    if (before !== undefined && (await this.#isLive(before, parameters, template)))
      return (await this.#isKept(before, image))
        ? this.#deployment(before, version, image, false)
        : this.#keep(version, image)

    const { deployAssembly, diffAssembly } = await import('./cloud-assembly.ts')
    report(
      before === undefined
        ? `new stack ${this.#stackName}`
        : await diffAssembly(workspace, this.#place.region)
    )
    await this.#bringUp(version, before, async () => {
      await deployAssembly({ workspace, region: this.#place.region, parameters, report, signal })
    })
    return this.#keep(version, image)
  }

  async #rollback(sha: string | undefined): Promise<Deployment> {
    await requireCaller(this.#clients.sts, this.#place)
    const stack = await this.#idleStack()
    if (stack === undefined) throw this.#nothing()
    const history = await readHistory(this.#clients.ssm, stackOutputs(stack).historyParameter)
    const { version, digest } = await earlierVersion({
      history,
      live: liveDigest(stack),
      sha,
      workspace: this.#context.workspace,
      ecr: this.#clients.ecr,
      repository: this.#context.environment.ECR_REPOSITORY
    })
    const image = this.#image(digest)
    const parameters = { ImageUri: image.reference, Version: versionTag(version), Revision: version.fullSha }
    let changed = false
    await this.#bringUp(version, stack, async () => {
      changed = await updateParameters({ ...this.#settling(), stack, parameters })
    })
    if (!changed && (await this.#isKept(stack, image))) return this.#deployment(stack, version, image, false)
    const { TemplateBody = '' } = await this.#clients.cloudFormation.send(
      new GetTemplateCommand({ StackName: stack.id })
    )
    return this.#keep(version, image, templateHash(TemplateBody))
  }

  #bringUp(version: Version, before: StackState | undefined, update: () => Promise<void>): Promise<void> {
    const { name: stackName, ...settling } = this.#settling()
    return bringUp({ ...settling, stackName, workspace: this.#context.workspace, version, before, update })
  }

  /** Whether exactly this is deployed and serves. */
  async #isLive(
    stack: StackState,
    parameters: Readonly<Record<string, string>>,
    template: string
  ): Promise<boolean> {
    const same = Object.entries(parameters).every(([key, value]) => stack.parameters[key] === value)
    if (!same || !isWhole(stack)) return false
    const [{ TemplateBody = '' }, status] = await Promise.all([
      this.#clients.cloudFormation.send(new GetTemplateCommand({ StackName: stack.id })),
      awsStatus(this.#clients, this.#stackName)
    ])
    return sameTemplate(template, TemplateBody) && status.state === 'healthy'
  }

  /**
   * The stack, once CloudFormation is not at work on it: what an interrupted deployment of this workspace left going is
   * waited for. Throws CodedError `stack-busy` where somebody else is at it.
   */
  async #settledStack(): Promise<StackState | undefined> {
    const { report, workspace } = this.#context
    let stack = await readStack(this.#clients.cloudFormation, this.#stackName)
    if (stack !== undefined && isBusy(stack)) {
      if (!wasInterrupted(workspace, stack.name))
        throw new CodedError(
          'stack-busy',
          `the stack ${stack.name} is in ${stack.status}: CloudFormation is at work on it for somebody else`,
          {
            remedy: 'Wait until it has ended (`make status`), then run the command again.'
          }
        )
      report(`what was interrupted goes on (${stack.status}); waiting for its end`)
      stack = await untilSettled({ ...this.#settling(), since: new Date() })
    }
    await forgetInterrupted(workspace, this.#stackName)
    return stack
  }

  /** As above; throws CodedError `stack-stuck` where no update is possible. */
  async #idleStack(): Promise<StackState | undefined> {
    const stack = await this.#settledStack()
    if (stack !== undefined) requireUsable(stack)
    return stack
  }

  async #requireStack(): Promise<StackState> {
    const stack = await readStack(this.#clients.cloudFormation, this.#stackName)
    if (stack === undefined) throw this.#nothing()
    return stack
  }

  #nothing(): CodedError {
    return new CodedError('not-deployed', `there is no stack ${this.#stackName} in ${this.#place.region}`, {
      remedy: 'Run `make deploy`.'
    })
  }

  /** Whether the image heads the history: an interrupted deployment ends on AWS without writing it down. */
  async #isKept(stack: StackState, image: PushedImage): Promise<boolean> {
    const [newest] = await readHistory(this.#clients.ssm, stackOutputs(stack).historyParameter)
    return newest?.digest === image.digest
  }

  /** Writes the version to the history, after a rollback with the template it has, and gives the deployment. */
  async #keep(version: Version, image: PushedImage, template?: string): Promise<Deployment> {
    const stack = await this.#requireStack()
    const { historyParameter } = stackOutputs(stack)
    const history = await readHistory(this.#clients.ssm, historyParameter)
    await keepImage(this.#clients.ecr, this.#context.environment.ECR_REPOSITORY, version, image.digest)
    await writeHistory(
      this.#clients.ssm,
      historyParameter,
      withEntry(history, {
        version,
        digest: image.digest,
        deployedAt: new Date().toISOString(),
        proof: 'none',
        ...(template === undefined ? {} : { template })
      })
    )
    return this.#deployment(stack, version, image, true)
  }

  #deployment(stack: StackState, version: Version, image: PushedImage, changed: boolean): Deployment {
    const outputs = configValues({ ...this.#place, stack, version, image })
    return { version, image, endpoint: stackOutputs(stack).endpoint, changed, outputs }
  }

  #image(digest: string): PushedImage {
    const { ECR_REGISTRY = '', ECR_REPOSITORY } = this.#context.environment
    return { reference: `${ECR_REGISTRY}/${ECR_REPOSITORY}@${digest}`, digest, insecure: false }
  }

  #settling() {
    const { signal, report } = this.#context
    const { pauseMs = 5000 } = this.#options
    return { clients: this.#clients, name: this.#stackName, signal, report, pauseMs }
  }
}

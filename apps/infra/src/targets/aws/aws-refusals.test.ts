import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  UpdateStackCommand
} from '@aws-sdk/client-cloudformation'
import {
  DescribeManagedPrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand
} from '@aws-sdk/client-ec2'
import { BatchGetImageCommand, PutImageCommand } from '@aws-sdk/client-ecr'
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand
} from '@aws-sdk/client-ecs'
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import {
  digest,
  entry,
  fakeAccount,
  imageUri,
  refusal,
  registry,
  stackOf
} from '../../../test/aws-account.ts'
import { AwsTarget } from './aws-target.ts'
import { permissions } from './permissions.ts'

type Account = ReturnType<typeof fakeAccount>

/** Every call of a deployment beside those of the CDK toolkit, by its action. */
const calls: Readonly<Record<string, (fake: Account, error: Error) => unknown>> = {
  'sts:GetCallerIdentity': ({ sts }, error) => sts.on(GetCallerIdentityCommand).rejects(error),
  'cloudformation:DescribeStacks': ({ cloudFormation }, error) =>
    cloudFormation.on(DescribeStacksCommand).rejects(error),
  'ec2:DescribeManagedPrefixLists': ({ ec2 }, error) =>
    ec2.on(DescribeManagedPrefixListsCommand).rejects(error),
  'ec2:DescribeSubnets': ({ ec2 }, error) => ec2.on(DescribeSubnetsCommand).rejects(error),
  'ec2:DescribeRouteTables': ({ ec2 }, error) => ec2.on(DescribeRouteTablesCommand).rejects(error),
  'cloudformation:GetTemplate': ({ cloudFormation }, error) =>
    cloudFormation.on(GetTemplateCommand).rejects(error),
  'cloudformation:DescribeStackEvents': ({ cloudFormation }, error) =>
    cloudFormation.on(DescribeStackEventsCommand).rejects(error),
  'cloudformation:ListStackResources': ({ cloudFormation }, error) =>
    cloudFormation.on(ListStackResourcesCommand).rejects(error),
  'ecs:DescribeServices': ({ ecs }, error) => ecs.on(DescribeServicesCommand).rejects(error),
  'ecs:DescribeTaskDefinition': ({ ecs }, error) => ecs.on(DescribeTaskDefinitionCommand).rejects(error),
  'ecs:ListTasks': ({ ecs }, error) => ecs.on(ListTasksCommand).rejects(error),
  'ecs:DescribeTasks': ({ ecs }, error) => ecs.on(DescribeTasksCommand).rejects(error),
  'elasticloadbalancing:DescribeTargetHealth': ({ balancing }, error) =>
    balancing.on(DescribeTargetHealthCommand).rejects(error),
  'ssm:GetParameter': ({ ssm }, error) => ssm.on(GetParameterCommand).rejects(error),
  'ecr:BatchGetImage': ({ ecr }, error) => ecr.on(BatchGetImageCommand).rejects(error),
  'ecr:PutImage': ({ ecr }, error) => ecr.on(PutImageCommand).rejects(error),
  'ssm:PutParameter': ({ ssm }, error) => ssm.on(PutParameterCommand).rejects(error)
}

const refusals = [
  ['AccessDeniedException', 'aws-denied'],
  ['ThrottlingException', 'aws-unavailable'],
  ['ExpiredTokenException', 'aws-credentials']
] as const

const template = '{"Parameters":{"CloudFrontPrefixListId":{},"SubnetIds":{},"TaskSubnetIds":{}}}'
const account = {
  CloudFrontPrefixListId: 'pl-1',
  SubnetIds: 'subnet-a,subnet-b',
  TaskSubnetIds: 'subnet-a,subnet-b'
}
const version = {
  sha: 'a'.repeat(7),
  fullSha: 'a'.repeat(40),
  dirty: false,
  committedAt: '2026-01-02T03:04:05Z'
}
const image = { reference: imageUri('a'), digest: digest('a'), insecure: false }

let workspace: string
let fake: Account

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'aws-refusals-'))
  await mkdir(join(workspace, '.local'))
  fake = fakeAccount()
  // Version a serves, and an interrupted deployment did not get to write it down: all calls are made.
  const stack = stackOf()
  const known = Object.entries(account).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue
  }))
  fake.cloudFormation
    .on(DescribeStacksCommand)
    .resolves({ Stacks: [{ ...stack, Parameters: [...(stack.Parameters ?? []), ...known] }] })
  fake.cloudFormation.on(GetTemplateCommand).resolves({ TemplateBody: template })
  fake.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify([entry('b')]) } })
})

afterEach(async () => {
  await rm(workspace, { recursive: true })
})

function target(): AwsTarget {
  return new AwsTarget(
    {
      workspace,
      environment: readPipelineEnvironment({ ECR_REGISTRY: registry, VPC_ID: 'vpc-12345678' }),
      signal: new AbortController().signal,
      report: () => undefined
    },
    { clients: fake.clients, pauseMs: 1 }
  )
}

/** The error as AWS gives it, and what the reader is told of it. */
function refused(action: string, name: string, code: string) {
  const denied = name === 'AccessDeniedException'
  const sid = permissions.find(({ phase, actions }) => phase === 'deploy' && actions.includes(action))?.sid
  return {
    error: refusal(name, denied ? `User: me is not authorized to perform: ${action}` : name),
    told: {
      code,
      evidence: expect.stringContaining(name),
      ...(denied
        ? { message: expect.stringContaining(action), remedy: expect.stringContaining(`statement ${sid} of`) }
        : {})
    }
  }
}

test('where nothing is refused, a deployment makes every call', async () => {
  expect(await target().deploy({ version, image, template })).toMatchObject({ changed: true })
  expect(fake.ssm.commandCalls(PutParameterCommand)).toHaveLength(1)
})

describe.each(Object.keys(calls))('%s in a deployment', (action) => {
  test.each(refusals)('that ends in %s is %s', async (name, code) => {
    const { error, told } = refused(action, name, code)
    calls[action]?.(fake, error)
    await expect(target().deploy({ version, image, template })).rejects.toMatchObject(told)
    const written = fake.ssm.commandCalls(PutParameterCommand)
    expect(written).toHaveLength(action === 'ssm:PutParameter' ? 1 : 0)
  })
})

test.each(refusals)('an update that ends in %s is %s, and says what serves', async (name, code) => {
  const { error, told } = refused('cloudformation:UpdateStack', name, code)
  fake.cloudFormation.on(UpdateStackCommand).rejects(error)
  await expect(target().rollback()).rejects.toMatchObject({
    ...told,
    message: expect.stringContaining('version aaaaaaa still serves')
  })
})

import type { AwsClients } from '../src/targets/aws/clients.ts'

const prefixes: Readonly<Record<keyof AwsClients, string>> = {
  cloudFormation: 'cloudformation',
  cloudWatch: 'cloudwatch',
  logs: 'logs',
  ec2: 'ec2',
  ecr: 'ecr',
  ecs: 'ecs',
  balancing: 'elasticloadbalancing',
  s3: 's3',
  ssm: 'ssm',
  sts: 'sts'
}

// Commands whose permission has another name. Source: service authorization reference, Amazon S3.
const renamed: Readonly<Record<string, string>> = { 's3:ListObjectsV2': 's3:ListBucket' }

/** Keeps the IAM action of every call that the clients make, seen by a middleware of the SDK. */
export function recordCalls(clients: AwsClients, calls: Set<string>): void {
  const middleware =
    (prefix: string) =>
    <Args, Result>(next: (args: Args) => Promise<Result>, context: { readonly commandName?: string }) =>
    (args: Args): Promise<Result> => {
      const action = `${prefix}:${(context.commandName ?? '').replace(/Command$/, '')}`
      calls.add(renamed[action] ?? action)
      return next(args)
    }
  const where = { step: 'initialize', name: 'recordCalls' } as const
  clients.cloudFormation.middlewareStack.add(middleware(prefixes.cloudFormation), where)
  clients.cloudWatch.middlewareStack.add(middleware(prefixes.cloudWatch), where)
  clients.logs.middlewareStack.add(middleware(prefixes.logs), where)
  clients.ec2.middlewareStack.add(middleware(prefixes.ec2), where)
  clients.ecr.middlewareStack.add(middleware(prefixes.ecr), where)
  clients.ecs.middlewareStack.add(middleware(prefixes.ecs), where)
  clients.balancing.middlewareStack.add(middleware(prefixes.balancing), where)
  clients.s3.middlewareStack.add(middleware(prefixes.s3), where)
  clients.ssm.middlewareStack.add(middleware(prefixes.ssm), where)
  clients.sts.middlewareStack.add(middleware(prefixes.sts), where)
}

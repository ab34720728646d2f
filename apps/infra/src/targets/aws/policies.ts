import { permissions, type Permission } from './permissions.ts'

export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

/** The policy of one phase, with `${…}` to fill in. Source: IAM user guide, "JSON policy elements". */
export function phasePolicy(phase: Permission['phase']): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: permissions
      .filter((permission) => permission.phase === phase)
      .map(({ sid, actions, resources }) => ({
        Sid: sid,
        Effect: 'Allow',
        Action: actions.toSorted(),
        Resource: resources
      }))
  }
}

/** Who may take the role of CI: workflows of one repository, on its main branch, in one environment. */
export const ciTrust = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::${Account}:oidc-provider/token.actions.githubusercontent.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': 'repo:${Owner}/${Name}:environment:${Stage}'
        }
      }
    }
  ]
}

/** docs/iam.md. */
export function iamMarkdown(): string {
  const json = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value, undefined, 2)}\n\`\`\`\n`
  const section = (phase: Permission['phase'], title: string): string =>
    [
      `## ${title}\n`,
      '| statement | actions | why |',
      '|---|---|---|',
      ...permissions
        .filter((permission) => permission.phase === phase)
        .map(
          ({ sid, actions, why }) =>
            `| ${sid} | ${actions.map((action) => `\`${action}\``).join(', ')} | ${why} |`
        ),
      '',
      json(phasePolicy(phase))
    ].join('\n')
  return [
    '# Permissions on AWS\n',
    'Generated from `apps/infra/src/targets/aws/permissions.ts` by `node apps/infra/src/iam-doc/main.ts`; do not edit. Tests compare the tables with the calls that the programs make: with those of our own clients, seen by a middleware of the SDK, and with every request of every program, the CDK toolkit’s too, seen by a door before an emulated account.\n',
    'Replace `${Account}`, `${Region}`, `${Stage}` (STAGE, else `dev`), `${Repository}` (ECR_REPOSITORY) and `${AccessLogBucket}`. `*` stands only where an action takes no resource that can be named before.\n',
    'Once for each account and region: `npx cdk bootstrap aws://<account>/<region>`. CloudFormation then works with the roles of the bootstrap stack; nobody who deploys needs the right to make roles, networks or services.\n',
    section('catalog', 'Phase catalog: push and pull the image'),
    section('deploy', 'Phase deploy: deploy, prove, status, rollback, destroy'),
    '## CI: a role for GitHub Actions\n',
    'The role has both policies above and trusts the workflows of one repository, in one environment. Its longest session is 5400 seconds or more (`aws iam update-role --max-session-duration 5400`), as long as the job may take:\n',
    json(ciTrust),
    '## What proves what\n',
    '| claim | proven by |',
    '|---|---|',
    '| every property of the stack | assertions on the template (`stack.test.ts`), a snapshot of each variant (`stack-variants.integration.test.ts`) |',
    '| the template is valid and follows AWS Solutions rules | cfn-lint 1.51 and cdk-nag on each variant (`stack-variants.integration.test.ts`), the CDK’s own validator (`synthesize.integration.test.ts`) |',
    '| what happens where AWS refuses, throttles, expires or stays pending | fake clients, call by call (`aws-refusals.test.ts` and the others beside it; `ecr-refusal.test.ts`, `ecr.test.ts`) |',
    '| login, push, pull, deploy, update, failed update, rollback, status, destroy run end to end, as programs | an emulated account, moto 5.2.1 with overrides (`emulated-account.integration.test.ts`; step by step `aws-target.integration.test.ts`): our own code and the CDK toolkit’s, not AWS. skopeo pushes to a registry of this machine that goes by the name of ECR’s; docker and podman are stand-ins there |',
    '| the policies above suffice | what each phase asked with the caller’s own credentials on the emulated account is all in its policy; what the CDK toolkit asks, it asks in roles of the bootstrap stack. That AWS accepts the policies, only a real account shows |',
    '| tasks start on Fargate, alarms turn a rollout back, CloudFront reaches the load balancer, certificates are issued, logs and metrics arrive, drift is detected | only a real account |',
    '| the endpoint answers over HTTPS with a certificate of the system’s roots, every tool within 2 s | on AWS only a real account; the same checks run against the target local |',
    ''
  ].join('\n')
}

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
    'Generated from `apps/infra/src/targets/aws/permissions.ts` by `node apps/infra/src/iam-doc/main.ts`; do not edit. A test compares the table with the calls that the programs make.\n',
    'Replace `${Account}`, `${Region}`, `${Stage}` (STAGE, else `dev`), `${Repository}` (ECR_REPOSITORY) and `${AccessLogBucket}`. `*` stands only where an action takes no resource that can be named before.\n',
    'Once for each account and region: `npx cdk bootstrap aws://<account>/<region>`. CloudFormation then works with the roles of the bootstrap stack; nobody who deploys needs the right to make roles, networks or services.\n',
    section('catalog', 'Phase catalog: push and pull the image'),
    section('deploy', 'Phase deploy: deploy, prove, status, rollback, destroy'),
    '## CI: a role for GitHub Actions\n',
    'The role has both policies above and trusts the workflows of one repository, in one environment:\n',
    json(ciTrust),
    '## What proves what\n',
    '| claim | proven by |',
    '|---|---|',
    '| every property of the stack | assertions on the template (`stack.test.ts`), a snapshot of each variant |',
    '| the template is valid and follows AWS Solutions rules | cfn-lint 1.51 and cdk-nag on each variant (`stack-variants.integration.test.ts`) |',
    '| what happens where AWS refuses, throttles, expires or stays pending | fake clients (`aws-target.test.ts`, `ecr.test.ts`) |',
    '| create, update, failed update, rollback, status, destroy run end to end | an emulated account, moto 5.2.1 with overrides (`aws-target.integration.test.ts`): the programs’ own code, not AWS |',
    '| the policies above suffice | the calls seen on the emulated account are all in them; that AWS accepts the policies, only a real account shows |',
    '| tasks start on Fargate, alarms turn a rollout back, CloudFront reaches the load balancer, certificates are issued, logs and metrics arrive | only a real account |',
    ''
  ].join('\n')
}

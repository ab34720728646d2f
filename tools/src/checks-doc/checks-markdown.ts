import { contracts, phases, type Check, type Phase } from '@fast-mcp/validation'

const purposes: Readonly<Record<Phase, string>> = {
  app: 'The server works on this machine. `make app`, or its checks alone: `make test-app`.',
  build: 'The server is in a container image. `make build`, or its checks alone: `make test-build`.',
  catalog: 'The image is in a registry. `make catalog`, or its checks alone: `make test-catalog`.',
  deploy: 'The image is live behind a load balancer. `make deploy`, or its checks alone: `make test-deploy`.'
}

/** docs/checks.md: every check of every phase, from the contracts. */
export function checksMarkdown(): string {
  const count = phases.reduce((sum, phase) => sum + contracts[phase].length, 0)
  return [
    '# Checks',
    '',
    '<!-- Written by `node tools/src/checks-doc/main.ts` from libs/validation/src/contracts; a test holds it current. -->',
    '',
    `What must hold before a commit is live: ${String(count)} checks in four phases. Each stands for a demand of the`,
    'specification, whose section is in brackets. A phase ends with a row for each of its checks in',
    '`dist/phases/<phase>.json`: passed, failed, not applicable on this deployment target, or not run because a check it',
    'comes after failed. A check that nothing looked at has failed.',
    '',
    ...phases.flatMap(section)
  ].join('\n')
}

function section(phase: Phase): readonly string[] {
  return [`## Phase ${phase}`, '', purposes[phase], '', ...contracts[phase].flatMap(paragraph)]
}

function paragraph(check: Check): readonly string[] {
  const where = check.targets === undefined ? '' : ` Only on target ${check.targets.join(', ')}.`
  return [
    `### ${check.id}`,
    '',
    `**${check.title}.**${where} ${check.requirement}`,
    '',
    `- How: ${check.how}`,
    `- If not: ${check.remedy}`,
    ''
  ]
}

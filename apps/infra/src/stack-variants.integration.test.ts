import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { z } from 'zod'
import { pythonEnvironment, type PythonEnvironment } from '@fast-mcp/containers/aws-emulator'
import { infraApp, type StackEnvironment } from './app.ts'
import { stackName } from './template-path.ts'

const domain = { DOMAIN_NAME: 'mcp.example.org' }
const variants: Readonly<Record<string, Partial<StackEnvironment>>> = {
  'new VPC behind CloudFront': {},
  'existing VPC': { VPC_ID: 'vpc-12345678' },
  certificate: { ...domain, CERTIFICATE_ARN: 'arn:aws:acm:us-east-1:123456789012:certificate/0123-abcd' },
  domain: { ...domain, HOSTED_ZONE_ID: 'Z0123456789' },
  'firewall at CloudFront': { WAF: true },
  'firewall at the load balancer': { ...domain, HOSTED_ZONE_ID: 'Z0123456789', WAF: true },
  'private subnets': { PRIVATE_SUBNETS: true },
  'plain HTTP': { ALLOW_PLAIN_HTTP: true },
  'buckets, access logs, alarms': {
    DATA_BUCKETS: ['packages'],
    DATA_WRITE: true,
    ACCESS_LOG_BUCKET: 'logs-of-balancers',
    ALARM_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:alarms'
  }
}
const names = Object.keys(variants)

let folder: string
let python: PythonEnvironment

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'variants-'))
  python = await pythonEnvironment()
}, 300_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** Synthesizes a variant with cdk-nag and gives the folder; a finding that is not acknowledged throws. */
function synthesize(name: string): string {
  const outdir = join(folder, name.replaceAll(/\W/g, '-'))
  const environment = {
    ECR_REPOSITORY: 'quilt-mcp',
    ECR_REGISTRY: '123456789012.dkr.ecr.us-east-1.amazonaws.com'
  }
  const app = infraApp({ ...environment, ...variants[name] }, { outdir })
  Validations.of(app).addPlugins(new AwsSolutionsChecks())
  app.synth()
  return outdir
}

const report = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(z.object({ ruleName: z.string(), description: z.string() }))
    })
  )
})

describe.each(names)('the stack with %s', (name) => {
  test('has no finding of cdk-nag that is not acknowledged, no rule that threw, and is as before', async () => {
    const outdir = synthesize(name)
    const { pluginReports } = report.parse(
      JSON.parse(await readFile(join(outdir, 'validation-report.json'), 'utf8'))
    )
    expect(pluginReports.flatMap(({ violations }) => violations)).toEqual([])
    const template: unknown = JSON.parse(await readFile(join(outdir, `${stackName}.template.json`), 'utf8'))
    expect(template).toMatchSnapshot()
  })
})

test('cfn-lint passes every variant', async () => {
  if (!python.available) {
    console.warn(`skipped: ${python.reason}`)
    return
  }
  const paths = names.map((name) => join(synthesize(name), `${stackName}.template.json`))
  expect(await lint(python.bin, paths)).toEqual([])
}, 300_000)

test('cdk-nag is at work: a bucket without encryption in transit is found', async () => {
  const outdir = join(folder, 'wrong')
  const app = infraApp({ ECR_REPOSITORY: 'quilt-mcp' }, { outdir })
  const { Bucket } = await import('aws-cdk-lib/aws-s3')
  const { Stack } = await import('aws-cdk-lib')
  const stack = app.node.findChild(stackName)
  if (!Stack.isStack(stack)) throw new TypeError('no stack')
  new Bucket(stack, 'Bucket')
  Validations.of(app).addPlugins(new AwsSolutionsChecks())
  expect(() => app.synth()).toThrow(/does not require requests to use SSL/)
})

// What cfn-lint 1.51 says of every service the CDK makes (W3005), and of a property that its schema does not have yet.
const known = [/^E3002 .*'ResetOnHealthyTask' was unexpected/, /^W3005 /]

async function lint(bin: string, paths: readonly string[]): Promise<readonly string[]> {
  const said = await new Promise<string>((resolve, reject) => {
    execFile(join(bin, 'cfn-lint'), [...paths], (error, stdout, stderr) => {
      if (error !== null && stdout === '') reject(new Error(stderr))
      else resolve(stdout)
    })
  })
  return said
    .split('\n')
    .filter((line) => /^[EWI]\d{4} /.test(line))
    .filter((line) => !known.some((pattern) => pattern.test(line)))
}

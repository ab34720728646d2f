import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CfnResource } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import { z } from 'zod'
import { infraApp } from '../app.ts'
import { stackName, templatePath } from '../template-path.ts'
import { synthesize } from './synthesize.ts'

let workspace: string

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'synth-'))
})

afterEach(async () => {
  await rm(workspace, { recursive: true })
})

describe('the template', () => {
  test('passes the CDK’s own validation of CloudFormation templates', async () => {
    expect(await violations(() => undefined)).toEqual([])
  })

  test('would not pass it with a property that CloudFormation does not have', async () => {
    const found = await violations((stack) => {
      new CfnResource(stack, 'Wrong', { type: 'AWS::ECS::Cluster', properties: { Colour: 'red' } })
    })
    expect(found).toEqual([expect.stringContaining('Colour')])
  })
})

/** What the CDK's validator says about the stack after a change, one line each. It warns and does not throw. */
async function violations(change: (stack: Construct) => void): Promise<readonly string[]> {
  const outdir = join(workspace, 'cdk.out')
  const app = infraApp({ ECR_REPOSITORY: 'quilt-mcp' }, { builtinCloudFormationValidation: true, outdir })
  const stack = app.node.findChild(stackName)
  if (!(stack instanceof Construct)) throw new TypeError(`no stack ${stackName}`)
  change(stack)
  app.synth()
  const report = z
    .object({
      pluginReports: z.array(z.object({ violations: z.array(z.object({ description: z.string() })) }))
    })
    .parse(JSON.parse(await readFile(join(outdir, 'validation-report.json'), 'utf8')))
  return report.pluginReports.flatMap(({ violations: list }) => list.map(({ description }) => description))
}

describe('synthesize', () => {
  test('makes the same template every time, in place of the one before, and leaves nothing beside it', async () => {
    const path = await synthesize(workspace, { ECR_REPOSITORY: 'quilt-mcp' })
    expect(path).toBe(templatePath(workspace))
    const first = await readFile(path, 'utf8')
    await synthesize(workspace, { ECR_REPOSITORY: 'quilt-mcp' })
    expect(await readFile(path, 'utf8')).toBe(first)
    expect(await readdir(join(workspace, 'dist'))).toEqual(['cdk.out'])
  })
})

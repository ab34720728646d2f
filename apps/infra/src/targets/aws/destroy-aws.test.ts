import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  DeleteStackCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand
} from '@aws-sdk/client-cloudformation'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { name, stackOf } from '../../../test/aws-account.ts'
import { configPath, writeConfigFile } from '../../config-file.ts'
import { type AwsWorld, awsWorld } from '../../../test/aws-world.ts'

let world: AwsWorld

beforeEach(async () => {
  world = await awsWorld()
})

afterEach(() => world.end())

describe('destroy', () => {
  test('deletes the stack, removes .config and says what went', async () => {
    await writeConfigFile(join(world.workspace, configPath), { TARGET: 'aws' })
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [] })
    expect(await world.target().destroy()).toEqual([
      `stack ${name} with 4 resources (images stay in the repository)`
    ])
    expect(world.fake.cloudFormation.commandCalls(DeleteStackCommand)).toHaveLength(1)
    expect(existsSync(join(world.workspace, configPath))).toBe(false)
    expect(world.lines.join('\n')).toMatch(
      /left: images.*left: .*task definitions.*left: .*containerinsights\/cluster/s
    )
    expect(await world.target().destroy()).toEqual([])
  })

  test('shows what goes before it is confirmed: types, counts, stage and account', async () => {
    const plan = await world.target().planDestroy()
    expect(plan[0]).toBe(`stack ${name} (UPDATE_COMPLETE) in account 123456789012, us-east-1:`)
    expect(plan).toContain('   1  AWS::ECS::Service')
    expect(world.fake.cloudFormation.commandCalls(DeleteStackCommand)).toEqual([])
    world.fake.cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [] })
    expect(await world.target().planDestroy()).toEqual([])
  })

  test('does not disturb an update of somebody else, and goes on with what was interrupted here', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolves({ Stacks: [stackOf('a', 'UPDATE_IN_PROGRESS')] })
    await expect(world.target().destroy()).rejects.toMatchObject({ code: 'stack-busy' })
    expect(world.fake.cloudFormation.commandCalls(DeleteStackCommand)).toEqual([])
    await writeFile(join(world.workspace, `.local/deploying-${name}.json`), '{}')
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf('a', 'CREATE_IN_PROGRESS')] })
      .resolvesOnce({ Stacks: [stackOf('a', 'ROLLBACK_COMPLETE')] })
      .resolves({ Stacks: [] })
    expect(await world.target().destroy()).toHaveLength(1)
  })

  test('names what is left, and why', async () => {
    world.fake.cloudFormation
      .on(DescribeStacksCommand)
      .resolvesOnce({ Stacks: [stackOf()] })
      .resolves({ Stacks: [stackOf('a', 'DELETE_FAILED')] })
    world.fake.cloudFormation.on(ListStackResourcesCommand).resolves({
      StackResourceSummaries: [
        {
          LogicalResourceId: 'Vpc',
          ResourceType: 'AWS::EC2::VPC',
          ResourceStatus: 'DELETE_FAILED',
          ResourceStatusReason: 'has dependencies',
          LastUpdatedTimestamp: new Date()
        }
      ]
    })
    await expect(world.target().destroy()).rejects.toMatchObject({
      code: 'stack-stuck',
      evidence: 'Vpc (AWS::EC2::VPC): has dependencies'
    })
  })
})

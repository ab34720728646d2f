import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { infraApp } from '../app.ts'
import { templatePath } from '../template-path.ts'
import { synthesize } from './synthesize.ts'

let workspace: string

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'synth-'))
})

afterEach(async () => {
  await rm(workspace, { recursive: true })
})

describe('the template', () => {
  test('passes the CDK’s own validation of CloudFormation templates', () => {
    const app = infraApp(
      { ECR_REPOSITORY: 'quilt-mcp' },
      { builtinCloudFormationValidation: true, outdir: join(workspace, 'cdk.out') }
    )
    expect(() => app.synth()).not.toThrow()
  })
})

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

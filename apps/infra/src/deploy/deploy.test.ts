import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Version } from '@fast-mcp/versioning'
import { commit } from '../../test/git-workspace.ts'
import { quickTemplate as template, type LocalWorkspace } from '../../test/local-workspace.ts'
import { pushedWorkspace } from '../../test/pushed-workspace.ts'
import { templatePath } from '../template-path.ts'
import type { PushedImage } from '../target.ts'
import { deploy } from './deploy.ts'

let workspace: LocalWorkspace
let version: Version
let image: PushedImage

beforeEach(async () => {
  ;({ workspace, version, image } = await pushedWorkspace())
})

afterEach(async () => {
  await workspace.end()
})

function run(): Promise<unknown> {
  return deploy(workspace.folder, workspace.target())
}

describe('deploy does not start', () => {
  afterEach(() => {
    expect(workspace.engine.containers).toEqual([])
  })

  test('without the record of phase catalog', async () => {
    await rm(join(workspace.folder, 'dist/phases/catalog.json'))
    await expect(run()).rejects.toMatchObject({
      code: 'record-missing',
      remedy: expect.stringContaining('make catalog')
    })
  })

  test('with the record of another commit', async () => {
    await commit(workspace.folder, 'second')
    await expect(run()).rejects.toMatchObject({ code: 'record-of-other-commit' })
  })

  test('with a tree that was changed since', async () => {
    await writeFile(join(workspace.folder, 'new-file'), 'x')
    await expect(run()).rejects.toMatchObject({ code: 'record-of-other-commit' })
  })

  test('without word of the image that was pushed', async () => {
    await rm(join(workspace.folder, 'dist/container/push.json'))
    await expect(run()).rejects.toMatchObject({
      code: 'output-missing',
      message: expect.stringContaining('push.json')
    })
  })

  test.each([
    ['another digest', () => JSON.stringify({ ...pushed(), digest: `sha256:${'f'.repeat(64)}` })],
    ['no digest', () => JSON.stringify({ ...pushed(), digest: 'latest' })],
    ['half a file', () => JSON.stringify(pushed()).slice(0, 30)]
  ])('with %s in it', async (_, content) => {
    await writeFile(join(workspace.folder, 'dist/container/push.json'), content())
    await expect(run()).rejects.toMatchObject({
      code: 'output-changed',
      remedy: expect.stringContaining('make catalog')
    })
  })

  test('without a template', async () => {
    await rm(templatePath(workspace.folder))
    await expect(run()).rejects.toMatchObject({
      code: 'output-missing',
      remedy: expect.stringContaining('infra:synth')
    })
  })

  test('with a template that the target does not know', async () => {
    await writeFile(
      templatePath(workspace.folder),
      template.replace('AWS::ECS::Cluster', 'AWS::EKS::Cluster')
    )
    await expect(run()).rejects.toMatchObject({
      code: 'template-unknown',
      message: expect.stringContaining('AWS::EKS::Cluster')
    })
  })
})

function pushed(): object {
  return {
    reference: image.reference.replace(/@.*/, `:${version.sha}`),
    digest: image.digest,
    registry: '127.0.0.1:5000',
    insecure: true
  }
}

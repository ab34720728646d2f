import { describe, expect, test } from '@jest/globals'
import { writeRecord } from '@fast-mcp/validation/test/write-record.ts'
import { imageRegistry, localRegistry } from '@fast-mcp/containers'
import { installScript, startRegistry, writeImage } from '@fast-mcp/containers/stand-in'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  buildOutputs,
  describeArchive,
  inImageWorkspace,
  writeSmallImage,
  type ImageWorkspace
} from '../../test/image-workspace.ts'
import { write } from '../../test/workspace.ts'
import { archiveFile } from '../container/image-record.ts'
import { destination, isLoopback } from './destination.ts'
import { push } from './push.ts'
import { pushRecordFile, readPushRecord } from './push-record.ts'

/** A workspace in which phase build has passed; its registry is stopped at the end. */
async function built<T>(work: (workspace: ImageWorkspace, digest: string) => Promise<T>): Promise<T> {
  return inImageWorkspace(async (workspace) => {
    const { folder, version } = workspace
    const { manifestDigest } = await writeSmallImage(workspace)
    await writeRecord(folder, 'build', version, await buildOutputs(folder, manifestDigest))
    try {
      return await work(workspace, manifestDigest)
    } finally {
      if (existsSync(join(folder, '.local/registry'))) await localRegistry(folder).stop()
    }
  })
}

describe('pushing the image', () => {
  test('goes to the registry of the workspace, once', async () => {
    await built(async ({ folder, version, options, text }, digest) => {
      const record = await push(options)
      const { host } = await localRegistry(folder).start()
      expect(record).toEqual({
        reference: `${host}/quilt-mcp:${version.sha}`,
        digest,
        registry: host,
        insecure: true
      })
      expect(await readPushRecord(folder)).toEqual(record)
      const found = await imageRegistry({ host, insecure: true }).manifest('quilt-mcp', version.sha)
      expect(found?.digest).toBe(digest)
      expect(await push(options)).toEqual(record)
      expect(text()).toMatch(
        /^pushed .* in \d+\.\d s: sha256:\w+\npush .*: nothing to do, the registry has sha256:\w+\n$/
      )
    })
  })

  test('goes to ECR_REGISTRY and ECR_REPOSITORY where they are set', async () => {
    await built(async ({ folder, version, options }, digest) => {
      await using registry = await startRegistry()
      const environment = { ...options.environment, ECR_REGISTRY: registry.host, ECR_REPOSITORY: 'team/mcp' }
      expect(await push({ ...options, environment })).toEqual({
        reference: `${registry.host}/team/mcp:${version.sha}`,
        digest,
        registry: registry.host,
        insecure: true
      })
      expect(existsSync(join(folder, '.local/registry'))).toBe(false)
    })
  })

  test('signs what an attempt before pushed and could not sign, once', async () => {
    await built(async ({ standIns, version, options }, digest) => {
      await using registry = await startRegistry()
      const environment = { ...options.environment, ECR_REGISTRY: registry.host, COSIGN_KEY: 'cosign.key' }
      const signing = () => push({ ...options, environment })
      const said = join(standIns, 'cosign-said')
      await installScript(standIns, 'cosign', 'echo "wrong password" >&2\nexit 1')
      await expect(signing()).rejects.toMatchObject({ code: 'step-failed', evidence: 'wrong password' })
      await installScript(standIns, 'cosign', `echo "$*" >> ${said}`)
      await signing()
      expect(await readFile(said, 'utf8')).toMatch(new RegExp(`--key cosign.key .*quilt-mcp@${digest}\\n$`))
      const image = registry.manifests.get(`quilt-mcp:${version.sha}`)
      if (image !== undefined) registry.manifests.set(`quilt-mcp:${digest.replace(':', '-')}.sig`, image)
      await signing()
      expect((await readFile(said, 'utf8')).match(/^sign /gm)).toHaveLength(1)
    })
  })

  test('an uncommitted tree goes to no ECR_REGISTRY, whatever else is wrong', async () => {
    await inImageWorkspace(async ({ folder, options }) => {
      await write(folder, { 'new-file': 'x' })
      await using registry = await startRegistry()
      const environment = { ...options.environment, ECR_REGISTRY: registry.host }
      await expect(push({ ...options, environment })).rejects.toMatchObject({
        code: 'dirty-tree',
        message: expect.stringContaining(registry.host)
      })
      expect(registry.requests).toEqual([])
      const settings = readPipelineEnvironment(environment)
      const dirty = { sha: 'a', fullSha: 'b', dirty: true, committedAt: '' }
      await expect(destination(folder, settings, dirty, options.signal)).rejects.toMatchObject({
        code: 'dirty-tree'
      })
    })
  })

  test('does not start before phase build passed for this commit, nor with another archive', async () => {
    await built(async ({ folder, version, options }, digest) => {
      const outputs = await buildOutputs(folder, digest)
      await writeImage(join(folder, archiveFile), { layers: [{ files: { a: 'b' } }] })
      await expect(push(options)).rejects.toMatchObject({
        code: 'output-changed',
        remedy: expect.stringContaining('make build')
      })
      const other = await describeArchive(folder)
      await writeRecord(folder, 'build', version, await buildOutputs(folder, digest))
      await expect(push(options)).rejects.toMatchObject({
        code: 'output-changed',
        evidence: `recorded ${digest}\nfound    ${other.manifestDigest}`
      })
      await rm(join(folder, archiveFile))
      await expect(push(options)).rejects.toMatchObject({ code: 'output-missing' })
      await writeRecord(folder, 'build', { ...version, fullSha: 'e'.repeat(40) }, outputs)
      await expect(push(options)).rejects.toMatchObject({ code: 'record-of-other-commit' })
      await rm(join(folder, 'dist/phases'), { recursive: true })
      await expect(push(options)).rejects.toMatchObject({ code: 'record-missing' })
      expect(existsSync(join(folder, '.local'))).toBe(false)
    })
  })

  test('a registry that is down is named, and nothing says that it was pushed', async () => {
    await built(async ({ folder, options }) => {
      const registry = await startRegistry()
      await registry.close()
      const environment = { ...options.environment, ECR_REGISTRY: registry.host }
      await expect(push({ ...options, environment })).rejects.toMatchObject({ code: 'registry-unavailable' })
      expect(existsSync(join(folder, pushRecordFile))).toBe(false)
    })
  })

  test('without a registry program the engine runs one, or it says what is missing', async () => {
    await built(async ({ standIns, options }) => {
      await rm(join(standIns, 'bin', 'docker-registry'))
      process.env['PATH'] = (process.env['PATH'] ?? '').replace(':/usr/bin:/bin', '')
      const settings = readPipelineEnvironment(options.environment)
      const version = { sha: 'a', fullSha: 'b', dirty: false, committedAt: '' }
      // The stand-in for the engine finds no image of a registry anywhere.
      await writeFile(join(standIns, 'fail'), 'pull: connect: connection refused\n')
      await expect(destination(options.workspace, settings, version, options.signal)).rejects.toMatchObject({
        code: 'registry-unavailable'
      })
    })
  })
})

describe('what was pushed', () => {
  test('that is not there, or is not one, is named', async () => {
    await inImageWorkspace(async ({ folder }) => {
      await expect(readPushRecord(folder)).rejects.toMatchObject({ code: 'output-missing' })
      await write(folder, {
        [pushRecordFile]: { reference: 'x', digest: 'sha256:1', registry: 'x', insecure: true }
      })
      await expect(readPushRecord(folder)).rejects.toMatchObject({ code: 'output-changed' })
    })
  })

  test.each([
    ['127.0.0.1:5000', true],
    ['127.8.9.1', true],
    ['localhost:5000', true],
    ['[::1]:5000', true],
    ['localhost.example:5000', false],
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com', false],
    ['127.0.0.1.example', false]
  ])('%s is on loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})

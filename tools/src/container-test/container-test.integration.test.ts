import { describe, expect, test } from '@jest/globals'
import { writeRecord } from '@fast-mcp/validation/test/write-record.ts'
import { findEngine } from '@fast-mcp/containers'
import { readDetails, readRecord } from '@fast-mcp/validation'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildQuickly, inImageWorkspace, type ImageWorkspace } from '../../test/image-workspace.ts'
import { archiveFile } from '../container/image-record.ts'
import { containerName } from './container-name.ts'
import { containerTest } from './container-test.ts'

/** The container of the test, if there is one; with `remove` there is none afterwards. */
async function inspect({ folder }: ImageWorkspace, remove = false) {
  const engine = await findEngine(folder, { CONTAINER_ENGINE: 'podman' })
  const name = containerName(folder, 'build')
  const state = await engine.inspect(name)
  if (remove) await engine.remove(name)
  return state
}

async function untilThere(workspace: ImageWorkspace): Promise<void> {
  while ((await inspect(workspace)) === undefined) await sleep(200)
}

describe('trying the image', () => {
  test('all checks pass, nothing is left, and the record stands', async () => {
    await inImageWorkspace(async (workspace) => {
      const { folder, version, options, text, calls } = workspace
      const image = await buildQuickly(workspace)
      const record = await containerTest(options)
      expect(record.checks.filter(({ status }) => status !== 'passed')).toEqual([])
      expect(record.outputs.map(({ kind: of, digest }) => [of, digest])).toEqual([
        ['file', expect.stringMatching(/^sha256:/)],
        ['image', image.manifestDigest]
      ])
      const details = readDetails(record)
      expect(details.layers?.map(({ what }) => what)).toEqual([
        'base: Node and the libraries it needs',
        'server and sample registry'
      ])
      expect(details.compressedBytes).toBe(image.storedSize)
      expect(details.readyMs).toBeGreaterThan(0)
      expect(details.endpoint?.passed).toBe(true)
      expect(await inspect(workspace)).toBeUndefined()
      expect(existsSync(join(folder, '.local', 'build-again'))).toBe(false)

      const before = (await calls()).length
      expect(await containerTest({ ...options, json: false })).toEqual(record)
      expect(await calls()).toHaveLength(before)
      expect(text()).toMatch(new RegExp(`phase build ${version.sha}: nothing to do, 20 checks passed`))

      // Asked for again, the phase runs; another archive in the place of this one does the same.
      await writeFile(join(folder, archiveFile), 'damaged')
      await expect(containerTest(options)).rejects.toMatchObject({ code: 'check-failed' })
      expect(
        (await readRecord(folder, 'build'))?.checks.find(({ id }) => id === 'build.image')
      ).toMatchObject({
        status: 'failed',
        evidence: expect.stringContaining('damaged or no OCI archive')
      })
    })
  })

  test('a server that ends at once: its log, and the container stays to be looked at', async () => {
    await inImageWorkspace(
      async (workspace) => {
        await buildQuickly(workspace)
        const { folder, options, text } = workspace
        await expect(containerTest({ ...options, again: true })).rejects.toMatchObject({
          code: 'check-failed'
        })
        const failed = (await readRecord(folder, 'build'))?.checks.filter(({ status }) => status === 'failed')
        expect(failed).toMatchObject([
          {
            id: 'build.startup',
            evidence: expect.stringMatching(/ended with code 7[^]*cannot open the registry/)
          }
        ])
        expect(text()).toMatch(/left as it is: container quilt-mcp-build-test-\w+, exited/)
        expect(await inspect(workspace, true)).toMatchObject({ state: 'exited' })
      },
      { fault: 'crash' }
    )
  })

  test('does not start alone, without what comes before it', async () => {
    await inImageWorkspace(async ({ folder, version, options, calls }) => {
      await expect(containerTest(options)).rejects.toMatchObject({
        code: 'output-missing',
        remedy: expect.stringContaining('mcp-server:container')
      })
      await writeRecord(folder, 'app', { ...version, fullSha: 'f'.repeat(40) }, [])
      await expect(containerTest(options)).rejects.toMatchObject({ code: 'record-of-other-commit' })
      await rm(join(folder, 'dist/phases'), { recursive: true })
      await expect(containerTest(options)).rejects.toMatchObject({ code: 'record-missing' })
      await expect(calls()).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })

  test('an interrupt leaves no container', async () => {
    await inImageWorkspace(async (workspace) => {
      const { options } = workspace
      await buildQuickly(workspace)
      const abort = new AbortController()
      const testing = containerTest({ ...options, signal: abort.signal })
      const interrupting = untilThere(workspace).then(() => {
        abort.abort(new Error('enough'))
      })
      // Both are awaited: what still asked the engine when the test ends would find its folder gone.
      await Promise.all([expect(testing).rejects.toThrow('enough'), interrupting])
      expect(await inspect(workspace)).toBeUndefined()
    })
  })
})

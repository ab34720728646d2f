import { describe, expect, test } from '@jest/globals'
import { writeRecord } from '@fast-mcp/validation/test/write-record.ts'
import { findEngine, localRegistry } from '@fast-mcp/containers'
import { readDetails, readRecord } from '@fast-mcp/validation'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  buildOutputs,
  buildQuickly,
  inImageWorkspace,
  type ImageWorkspace,
  type ServerFault
} from '../../test/image-workspace.ts'
import { containerName } from '../container-test/container-name.ts'
import { push } from '../push/push.ts'
import { pushTest } from './push-test.ts'

/** A workspace whose image was pushed to its own registry, which is stopped at the end. */
async function pushed<T>(work: (workspace: ImageWorkspace) => Promise<T>, fault?: ServerFault): Promise<T> {
  return inImageWorkspace(
    async (workspace) => {
      const { folder, version, options } = workspace
      const { manifestDigest } = await buildQuickly(workspace)
      await writeRecord(folder, 'build', version, await buildOutputs(folder, manifestDigest))
      try {
        await push(options)
        return await work(workspace)
      } finally {
        await localRegistry(folder).stop()
      }
    },
    fault === undefined ? {} : { fault }
  )
}

async function failed(folder: string): Promise<readonly (readonly [string, string])[]> {
  const rows = (await readRecord(folder, 'catalog'))?.checks ?? []
  return rows.filter(({ status }) => status === 'failed').map(({ id, evidence }) => [id, evidence])
}

describe('trying what was pushed', () => {
  test('all checks pass, nothing is left, and the record stands as long as the registry has the image', async () => {
    await pushed(async ({ folder, version, options, text, calls }) => {
      const record = await pushTest(options)
      expect(record.checks.map(({ id, status }) => [id, status])).toEqual(
        expect.arrayContaining([
          ['catalog.login', 'not-applicable'],
          ['catalog.manifest', 'passed'],
          ['catalog.pull-identical', 'passed'],
          ['catalog.endpoint', 'passed']
        ])
      )
      expect(await failed(folder)).toEqual([])
      expect(readDetails(record).endpoint?.passed).toBe(true)
      expect(existsSync(join(folder, '.local/push-test'))).toBe(false)
      const pull = (await calls()).find((call) => call.includes('pull'))
      expect(pull?.at(-1)).toMatch(/^127\.0\.0\.1:\d+\/quilt-mcp@sha256:/)

      const before = (await calls()).length
      expect(await pushTest({ ...options, json: false })).toEqual(record)
      expect(await calls()).toHaveLength(before)
      expect(text()).toMatch(new RegExp(`phase catalog ${version.sha}: nothing to do, 10 checks passed`))

      // The registry is in memory: started again it is empty.
      await localRegistry(folder).stop()
      await expect(pushTest(options)).rejects.toMatchObject({ code: 'check-failed' })
      expect(await failed(folder)).toMatchObject([
        ['catalog.registry', expect.stringContaining('does not answer')]
      ])
      await localRegistry(folder).start()
      await expect(pushTest(options)).rejects.toMatchObject({ code: 'check-failed' })
      expect(await failed(folder)).toMatchObject([
        ['catalog.push', expect.stringContaining('has no quilt-mcp@sha256:')]
      ])
    })
  })

  test('an image that does not run is shown with its log, and left to be looked at', async () => {
    await pushed(async ({ folder, options, text }) => {
      await expect(pushTest({ ...options, again: true })).rejects.toMatchObject({ code: 'check-failed' })
      expect(await failed(folder)).toMatchObject([
        ['catalog.run', expect.stringContaining('cannot open the registry')]
      ])
      expect(text()).toMatch(/left as it is: container quilt-mcp-catalog-test-\w+, exited/)
      const engine = await findEngine(folder, { CONTAINER_ENGINE: 'podman' })
      await engine.remove(containerName(folder, 'catalog'))
    }, 'crash')
  })

  test('an interrupt leaves nothing', async () => {
    await pushed(async ({ folder, standIns, options }) => {
      const abort = new AbortController()
      await writeFile(join(standIns, 'fail'), 'none: \n')
      const testing = pushTest({ ...options, signal: abort.signal })
      setTimeout(() => {
        abort.abort(new Error('enough'))
      }, 700)
      await expect(testing).rejects.toThrow('enough')
      expect(existsSync(join(folder, '.local/push-test'))).toBe(false)
      await rm(join(standIns, 'fail'))
    })
  })
})

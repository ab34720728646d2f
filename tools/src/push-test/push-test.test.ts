import { describe, expect, test } from '@jest/globals'
import { writeRecord } from '@fast-mcp/validation/test/write-record.ts'
import { buildOutputs, inImageWorkspace, writeSmallImage } from '../../test/image-workspace.ts'
import { write } from '../../test/workspace.ts'
import { pushRecordFile } from '../push/push-record.ts'
import { pushTest } from './push-test.ts'

describe('trying what was pushed', () => {
  test('does not start alone, without what comes before it', async () => {
    await inImageWorkspace(async (workspace) => {
      const { folder, version, options } = workspace
      await expect(pushTest(options)).rejects.toMatchObject({
        code: 'record-missing',
        remedy: expect.stringContaining('make build')
      })
      const { manifestDigest } = await writeSmallImage(workspace)
      const outputs = await buildOutputs(folder, manifestDigest)
      await writeRecord(folder, 'build', { ...version, fullSha: 'd'.repeat(40) }, outputs)
      await expect(pushTest(options)).rejects.toMatchObject({ code: 'record-of-other-commit' })
      await writeRecord(folder, 'build', version, outputs)
      await expect(pushTest(options)).rejects.toMatchObject({
        code: 'output-missing',
        remedy: expect.stringContaining('mcp-server:push')
      })
      await write(folder, { [pushRecordFile]: '{' })
      await expect(pushTest(options)).rejects.toMatchObject({ code: 'output-changed' })
    })
  })
})

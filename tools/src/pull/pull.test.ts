import { expect, test } from '@jest/globals'
import { fillRegistry, startRegistry } from '@fast-mcp/containers/stand-in'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { join } from 'node:path'
import { inImageWorkspace, writeSmallImage } from '../../test/image-workspace.ts'
import { write } from '../../test/workspace.ts'
import { archiveFile } from '../container/image-record.ts'
import { pushRecordFile } from '../push/push-record.ts'
import { pull } from './pull.ts'

test('what was pushed is pulled by its digest, and nothing where nothing was', async () => {
  await inImageWorkspace(async (workspace) => {
    const { folder, options } = workspace
    const settings = readPipelineEnvironment(options.environment)
    const pulling = () => pull({ workspace: folder, settings, signal: options.signal })
    await expect(pulling()).rejects.toMatchObject({ code: 'output-missing' })
    const { manifestDigest: digest, imageId } = await writeSmallImage(workspace)
    await using registry = await startRegistry()
    await fillRegistry(registry, join(folder, archiveFile), 'team/mcp', 'abcdef0')
    const reference = `${registry.host}/team/mcp:abcdef0`
    await write(folder, {
      [pushRecordFile]: { reference, digest, registry: registry.host, insecure: true }
    })
    expect(await pulling()).toEqual({ reference: `${registry.host}/team/mcp@${digest}`, imageId })
  })
})

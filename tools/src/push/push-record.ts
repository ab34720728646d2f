import { CodedError } from '@fast-mcp/errors'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { containerFolder } from '../container/image-record.ts'

const schema = z.object({
  /** `<registry>/<repository>:<tag>`. */
  reference: z.string(),
  /** Of the manifest: what decides what runs. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** Host with optional port. */
  registry: z.string(),
  /** Plain HTTP. */
  insecure: z.boolean()
})

/** What was pushed where: `dist/container/push.json`. */
export type PushRecord = z.output<typeof schema>

/** Relative to the workspace. */
export const pushRecordFile = join(containerFolder, 'push.json')

/** Throws CodedError `output-missing` or `output-changed`. */
export async function readPushRecord(workspace: string): Promise<PushRecord> {
  const path = join(workspace, pushRecordFile)
  const remedy = 'Push the image: nx run mcp-server:push'
  if (!existsSync(path))
    throw new CodedError('output-missing', `nothing was pushed: there is no ${pushRecordFile}`, { remedy })
  const text = await readFile(path, 'utf8')
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new CodedError('output-changed', `${pushRecordFile} does not describe a pushed image`, {
      remedy,
      evidence: text.slice(0, 500),
      cause: error
    })
  }
}

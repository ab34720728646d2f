import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@fast-mcp/errors'
import type { PhaseRecord } from '@fast-mcp/validation'
import { formatImageReference, parseImageReference } from '@fast-mcp/versioning'
import { z } from 'zod'
import type { PushedImage } from '../target.ts'

const pushFile = 'dist/container/push.json'

const pushSchema = z.object({
  reference: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  registry: z.string(),
  insecure: z.boolean()
})

/**
 * The image that phase catalog pushed, by digest. Throws CodedError `output-missing` where push left no word of it,
 * `output-changed` where that is not what the record of the phase says.
 */
export async function readPushedImage(workspace: string, record: PhaseRecord): Promise<PushedImage> {
  const remedy = 'Run `make catalog`, which writes it again.'
  const text = await readFile(join(workspace, pushFile), 'utf8').catch((cause: unknown) => {
    throw new CodedError('output-missing', `${pushFile}, made by phase catalog, is not there`, {
      remedy,
      cause
    })
  })
  const parsed = pushSchema.safeParse(parseJson(text))
  if (!parsed.success)
    throw new CodedError('output-changed', `${pushFile} is not what phase catalog writes`, {
      remedy,
      evidence: z.prettifyError(parsed.error)
    })
  const { reference, digest, insecure } = parsed.data
  const recorded = record.outputs.filter(({ kind }) => kind === 'image').map((output) => output.digest)
  if (!recorded.includes(digest))
    throw new CodedError(
      'output-changed',
      `${pushFile} names another image than the record of phase catalog`,
      {
        remedy,
        evidence: `recorded ${recorded.join(', ') || 'none'}\nfound    ${digest}`
      }
    )
  const { registry, repository } = parseImageReference(reference)
  return {
    reference: formatImageReference({ registry, repository, tag: undefined, digest }),
    digest,
    insecure
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

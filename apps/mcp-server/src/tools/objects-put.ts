import { isQuiltError } from '@fast-mcp/quilt'
import { z } from 'zod'
import { addressOf, locate } from './access.ts'
import { dryRunArgument } from './arguments.ts'
import { tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'
import { refuseReadOnly } from './write-package.ts'

const maxObjects = 100

const objectSchema = z.strictObject({
  uri: z.string().min(1).max(8192).describe('s3:// or file:// URI to write'),
  text: z.string().optional().describe('Content'),
  base64: z.base64().optional().describe('Or content in base64')
})

export const objectsPut = tool({
  name: 'objects_put',
  title: 'Write objects',
  description:
    'Writes several small files to a bucket or folder, with a result for each. Use it for raw data; packages are written with package_create or package_patch.',
  toolset: 'objects',
  scope: 'write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    objects: z.array(objectSchema).min(1).max(maxObjects).describe('Each with text or base64'),
    overwrite: z.boolean().default(false).describe('Replace existing objects'),
    dry_run: dryRunArgument
  }),
  output: z.strictObject({
    dry_run: z.boolean().describe('Nothing was written'),
    written: z.int().describe('Objects written'),
    failed: z.int().describe('Objects refused'),
    results: z
      .array(
        z.strictObject({
          uri: z.string().describe('Address, with its version'),
          size: z.int().optional().describe('Bytes'),
          error: z
            .strictObject({
              code: z.string().describe('Stable'),
              reason: z.string().describe('What was wrong'),
              next: z.string().describe('What to do')
            })
            .optional()
            .describe('Why it was not written')
        })
      )
      .describe('{uri, size} or {uri, error: {code, reason, next}}, in order')
  }),
  examples: [{ objects: [{ uri: 'file:///app/sample/examples/hello.txt', text: 'hello' }], dry_run: true }],
  handle: async ({ objects, overwrite, dry_run: dryRun }, context) => {
    const results: PutResult[] = []
    for (const [index, object] of objects.entries()) {
      results.push(await putOne(object, { overwrite, dryRun }, context))
      context.progress(index + 1, objects.length, 'objects done')
    }
    const failed = results.filter(({ error }) => error !== undefined).length
    const done = results.length - failed
    return {
      structured: { dry_run: dryRun, written: dryRun ? 0 : done, failed, results },
      line: `${String(done)} objects ${dryRun ? 'would be' : 'are'} written, ${String(failed)} refused.`
    }
  }
})

interface PutResult {
  uri: string
  size?: number
  error?: { code: string; reason: string; next: string }
}

async function putOne(
  object: z.output<typeof objectSchema>,
  { overwrite, dryRun }: { readonly overwrite: boolean; readonly dryRun: boolean },
  context: ToolContext
): Promise<PutResult> {
  const { signal } = context
  try {
    const body = bodyOf(object)
    const { registry, store, key, versionId } = await locate(context, object.uri)
    if (key === '' || key.endsWith('/') || versionId !== undefined)
      throw new ToolFailure('invalid-address', 'the address names no object that can be written', {
        next: 'Name a key, without a version and without / at the end.'
      })
    if (key === '.quilt' || key.startsWith('.quilt/'))
      throw new ToolFailure('reserved-key', 'keys below .quilt/ belong to the registry', {
        next: 'Write packages with package_create or package_patch.'
      })
    if (!dryRun) refuseReadOnly(registry)
    if (!overwrite && (await store.head(key, { signal })) !== undefined) throw exists(key)
    if (dryRun) return { uri: addressOf(registry, key), size: body.length }
    const put = await store.put(key, body, { signal, ...(overwrite ? {} : { ifMatch: null }) })
    return { uri: addressOf(registry, key, put.versionId), size: put.size }
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof ToolFailure)
      return { uri: object.uri, error: { code: error.code, reason: error.message, next: error.next } }
    if (isQuiltError(error))
      return { uri: object.uri, error: { code: error.code, reason: error.message, next: error.remedy } }
    throw error
  }
}

function bodyOf({ text, base64 }: z.output<typeof objectSchema>): Buffer {
  if (text !== undefined && base64 === undefined) return Buffer.from(text)
  if (base64 !== undefined && text === undefined) return Buffer.from(base64, 'base64')
  throw new ToolFailure('invalid-arguments', 'an object has no content, or two', {
    next: 'Give it exactly one of text and base64.'
  })
}

function exists(key: string): ToolFailure {
  return new ToolFailure('object-exists', `there is an object ${visible(key)} already`, {
    next: 'Choose another key, or replace it with overwrite: true.'
  })
}

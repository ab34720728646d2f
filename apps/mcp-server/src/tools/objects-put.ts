import { isQuiltError, type ObjectStore, type PutOptions } from '@fast-mcp/quilt'
import { z } from 'zod'
import { mediaType } from '../media-type.ts'
import { addressOf, locate } from './access.ts'
import { dryRunArgument } from './arguments.ts'
import { nextStep } from './next-step.ts'
import { tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'
import { readOnlyWarning, refuseReadOnly, warningsOutput } from './write-package.ts'

const maxObjects = 100

// What S3 takes as headers. Source: Amazon S3 User Guide, "Working with object metadata".
const metaName = z
  .string()
  .max(128)
  .regex(/^[\w.-]+$/)
const metaValue = z
  .string()
  .max(2048)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/)

/** Most bytes of names and values together that S3 keeps with an object. */
const maxMetaBytes = 2048

const objectSchema = z.strictObject({
  uri: z.string().min(1).max(8192).describe('s3:// or file:// URI to write'),
  text: z.string().optional().describe('Content'),
  base64: z.base64().optional().describe('Or content in base64'),
  content_type: z
    .string()
    .max(255)
    .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\x20-\x7e]+)?$/)
    .optional()
    .describe('Media type; default: by name'),
  meta: z.record(metaName, metaValue).optional().describe('S3 metadata: texts in ASCII')
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
    warnings: warningsOutput,
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
    const readOnly = new Set<string>()
    for (const [index, object] of objects.entries()) {
      results.push(await putOne(object, { overwrite, dryRun, readOnly }, context))
      context.progress(index + 1, objects.length, 'objects done')
    }
    const failed = results.filter(({ error }) => error !== undefined).length
    const done = results.length - failed
    return {
      structured: {
        dry_run: dryRun,
        written: dryRun ? 0 : done,
        failed,
        ...(readOnly.size === 0 ? {} : { warnings: [...readOnly].map(readOnlyWarning) }),
        results
      },
      line: `${String(done)} objects ${dryRun ? 'would be' : 'are'} written, ${String(failed)} refused.`
    }
  }
})

interface PutResult {
  uri: string
  size?: number
  error?: { code: string; reason: string; next: string }
}

interface PutMode {
  readonly overwrite: boolean
  readonly dryRun: boolean
  /** A dry run adds the registries that refuse to be written to. */
  readonly readOnly: Set<string>
}

async function putOne(
  object: z.output<typeof objectSchema>,
  { overwrite, dryRun, readOnly }: PutMode,
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
    const stored = storedWith(object, store, key)
    if (!dryRun) refuseReadOnly(registry)
    else if (registry.readOnly) readOnly.add(registry.uri)
    if (!overwrite && (await store.head(key, { signal })) !== undefined) throw exists(key)
    if (dryRun) return { uri: addressOf(registry, key), size: body.length }
    const put = await store.put(key, body, { signal, ...stored, ...(overwrite ? {} : { ifMatch: null }) })
    return { uri: addressOf(registry, key, put.versionId), size: put.size }
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof ToolFailure)
      return { uri: object.uri, error: { code: error.code, reason: error.message, next: error.next } }
    if (isQuiltError(error))
      return { uri: object.uri, error: { code: error.code, reason: error.message, next: nextStep(error) } }
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

/** What an object is stored with besides its bytes. Throws ToolFailure where its place keeps no such thing, or not as much. */
function storedWith(
  { content_type: contentType, meta }: z.output<typeof objectSchema>,
  { uri }: ObjectStore,
  key: string
): Pick<PutOptions, 'contentType' | 'metadata'> {
  if (uri.startsWith('file:')) {
    if (contentType === undefined && meta === undefined) return {}
    throw new ToolFailure('not-supported', 'a folder keeps neither media type nor metadata of a file', {
      next: 'Leave out content_type and meta, or put the file into a package, which keeps metadata.'
    })
  }
  const bytes = Object.entries(meta ?? {}).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (bytes > maxMetaBytes)
    throw new ToolFailure('invalid-arguments', `the metadata has ${String(bytes)} bytes, and S3 keeps 2048`, {
      next: 'Shorten it, or put the file into a package, which keeps more.'
    })
  return { contentType: contentType ?? mediaType(key), ...(meta === undefined ? {} : { metadata: meta }) }
}

function exists(key: string): ToolFailure {
  return new ToolFailure('object-exists', `there is an object ${visible(key)} already`, {
    next: 'Choose another key, or replace it with overwrite: true.'
  })
}

import { fromPlain } from '@fast-mcp/quilt'
import { z } from 'zod'
import { mediaType } from '../media-type.ts'
import { addressArgument } from './arguments.ts'
import { addressOf } from './access.ts'
import { describeMeta, metaOutput } from './describe-meta.ts'
import { readOnly, tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'
import { withObject, type FoundObject } from './with-object.ts'

const maxVersions = 50

export const objectInfo = tool({
  name: 'object_info',
  title: 'Describe a file',
  description: 'Size, checksum, metadata, versions of a file. Use it before a large read.',
  toolset: 'objects',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    uri: addressArgument,
    versions: z.boolean().default(false).describe('List them')
  }),
  output: z.strictObject({
    uri: z.string().describe('Pinned'),
    type: z.string().describe('Media type by name'),
    size: z.int().optional().describe('Bytes'),
    physical_key: z.string().describe('Where the bytes are'),
    hash: z.string().optional().describe('type:value'),
    modified: z.string().optional().describe('ISO 8601'),
    version_id: z.string().optional().describe('S3 version'),
    etag: z.string().optional().describe('Changes with the content'),
    content_type: z.string().optional().describe('Media type it was stored with'),
    ...metaOutput,
    versions: z
      .array(
        z.strictObject({
          uri: z.string().describe('Address of the version'),
          modified: z.string().describe('ISO 8601'),
          size: z.int().describe('Bytes'),
          deleted: z.boolean().describe('A delete marker')
        })
      )
      .optional()
      .describe('{uri, modified, size, deleted}, newest first')
  }),
  examples: [{ uri: 'quilt+file:///app/sample#package=biology/penguins&path=penguins.json' }],
  handle: (args, context) =>
    withObject(args, context, async (found) => {
      const structured = {
        uri: found.uri,
        type: mediaType(found.key),
        physical_key: found.physicalKey,
        ...(found.entry === undefined ? await describeObject(found, context) : describeOf(found.entry)),
        ...(args.versions ? await listVersions(found, context) : {})
      }
      return { structured, line: `${visible(found.key)}: ${structured.type}.` }
    })
})

function describeOf({ size, hash, meta }: NonNullable<FoundObject['entry']>): {
  size?: number
  hash?: string
  meta?: unknown
  meta_omitted?: number
} {
  return {
    ...(size === undefined ? {} : { size }),
    ...(hash === undefined ? {} : { hash: `${hash.type}:${hash.value}` }),
    ...describeMeta(meta.get('user_meta'))
  }
}

async function describeObject(
  { place, key }: FoundObject,
  { signal }: ToolContext
): Promise<{
  size?: number
  modified?: string
  etag?: string
  version_id?: string
  content_type?: string
  meta?: unknown
  meta_omitted?: number
}> {
  if (place === undefined) return {}
  const { store, versionId } = place
  const head = await store.head(key, { signal, ...(versionId === undefined ? {} : { versionId }) })
  if (head === undefined)
    throw new ToolFailure('object-not-found', `there is no object ${visible(key)}`, {
      next: 'List what there is with objects_list; with versions: true, versions of a deleted object are shown.'
    })
  return {
    size: head.size,
    modified: head.modified.toISOString(),
    etag: head.etag,
    ...(head.versionId === undefined ? {} : { version_id: head.versionId }),
    ...(head.contentType === undefined ? {} : { content_type: visible(head.contentType) }),
    ...(head.metadata === undefined ? {} : describeMeta(fromPlain(head.metadata)))
  }
}

async function listVersions(
  { place, registry, key }: FoundObject,
  { signal }: ToolContext
): Promise<{ versions: { uri: string; modified: string; size: number; deleted: boolean }[] }> {
  if (place === undefined) return { versions: [] }
  const versions = await place.store.versions(key, { signal })
  return {
    versions: versions.slice(0, maxVersions).map(({ versionId, modified, size, deleted }) => ({
      uri: addressOf(registry, key, versionId),
      modified: modified.toISOString(),
      size,
      deleted
    }))
  }
}

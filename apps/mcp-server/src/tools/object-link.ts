import { parsePhysicalKey } from '@fast-mcp/quilt'
import { z } from 'zod'
import { addressOf, locate } from './access.ts'
import { addressArgument } from './arguments.ts'
import { readOnly, tool } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'
import { withObject } from './with-object.ts'

export const objectLink = tool({
  name: 'object_link',
  title: 'Link to a file',
  description: 'A presigned URL to download a file. Use it for files too large to read.',
  toolset: 'objects',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    uri: addressArgument,
    expires: z.int().min(1).max(604_800).default(3600).describe('Seconds')
  }),
  output: z.strictObject({
    uri: z.string().describe('The file'),
    url: z.string().describe('To download'),
    expires_at: z.string().optional().describe('ISO 8601')
  }),
  examples: [{ uri: 'quilt+file:///app/sample#package=biology/penguins&path=penguins.json' }],
  handle: ({ uri, expires }, context) =>
    withObject({ uri }, context, async (found) => {
      if (parsePhysicalKey(found.physicalKey).kind === 'file')
        return {
          structured: { uri: found.uri, url: found.physicalKey },
          line: `${visible(found.key)} is a local file.`
        }
      const { registry, store, key, versionId } = await locate(context, found.physicalKey)
      const version = versionId === undefined ? {} : { versionId }
      if ((await store.head(key, { signal: context.signal, ...version })) === undefined)
        throw new ToolFailure(
          'object-not-found',
          `there is no object ${addressOf(registry, key, versionId)}`,
          {
            next: 'Check the address and version; objects_list shows what there is.'
          }
        )
      const url = await store.presign(key, { seconds: expires, ...version })
      return {
        structured: {
          uri: found.uri,
          url,
          expires_at: new Date(Date.now() + expires * 1000).toISOString()
        },
        line: `The link works for ${String(expires)} seconds, or until the server's credentials end.`
      }
    })
})

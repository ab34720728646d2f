import { z } from 'zod'
import { addressOf, locate } from './access.ts'
import { cursorArgument, limitArgument, nextCursor } from './arguments.ts'
import { cursorOf, ending, fittingPage } from './page.ts'
import { readOnly, tool } from './tool.ts'
import { shownKey, visible } from './visible.ts'

export const objectsList = tool({
  name: 'objects_list',
  title: 'List objects',
  description: 'Objects below a prefix. Use it to look at raw data; package_create_from_prefix publishes it.',
  toolset: 'objects',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    uri: z.string().min(5).max(4096).describe('s3://bucket/prefix or file://'),
    folders: z.boolean().default(false).describe('Name subfolders'),
    limit: limitArgument,
    cursor: cursorArgument
  }),
  output: z.strictObject({
    uri: z.string().describe('What was listed'),
    objects: z
      .array(
        z.strictObject({
          uri: z.string().describe('Address'),
          shown: z.string().optional().describe('The key with invisible characters as \\u{…}'),
          size: z.int().describe('Bytes'),
          modified: z.string().describe('ISO 8601')
        })
      )
      .describe('{uri, size, modified}'),
    folders: z
      .array(z.string())
      .optional()
      .describe('First 1000 names directly below, invisible characters as \\u{…}'),
    next_cursor: nextCursor
  }),
  examples: [{ uri: 'file:///app/sample/biology/', folders: true, limit: 3 }],
  handle: async (args, context) => {
    const { registry, store, key: prefix } = await locate(context, args.uri)
    const { signal } = context
    const { page, items } = await fittingPage(
      args.limit,
      (limit) =>
        store.list({ prefix, limit, signal, ...(args.cursor === undefined ? {} : { after: args.cursor }) }),
      ({ key, size, modified }) => ({
        uri: addressOf(registry, key),
        ...shownKey(key),
        size,
        modified: modified.toISOString()
      })
    )
    const folders = args.folders
      ? await store.folders(prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`, { signal })
      : undefined
    return {
      structured: {
        uri: args.uri,
        objects: items,
        ...(folders === undefined
          ? {}
          : { folders: folders.slice(0, 1000).map((name) => shownKey(name).shown ?? name) }),
        ...cursorOf(page)
      },
      line: `${String(items.length)} objects below ${visible(args.uri)}${ending(page)}`
    }
  }
})

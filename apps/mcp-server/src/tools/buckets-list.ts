import { z } from 'zod'
import { cursorArgument, limitArgument, nextCursor } from './arguments.ts'
import { fittingItems } from './page.ts'
import { readOnly, tool } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visibleText } from './visible.ts'

export const bucketsList = tool({
  name: 'buckets_list',
  title: 'List buckets',
  description: 'Buckets and folders you may use, each a registry. Use it to find where data is.',
  toolset: 'objects',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({ limit: limitArgument, cursor: cursorArgument }),
  output: z.strictObject({
    buckets: z
      .array(
        z.strictObject({
          uri: z.string().describe('Registry URI'),
          name: z.string().describe('Bucket or folder name'),
          title: z.string().optional().describe('Title in the catalog'),
          description: z.string().optional().describe('Description in the catalog'),
          backend: z.string().describe('local, s3 or stack')
        })
      )
      .describe('{uri, name, title, description, backend}'),
    next_cursor: nextCursor
  }),
  examples: [{}],
  handle: async ({ limit, cursor }, context) => {
    const found = await Promise.all(
      context.services.backends.map(async (backend) =>
        (await backend.buckets(context)).map(({ uri, name, title, description }) => ({
          uri,
          name,
          ...(title === undefined ? {} : { title: visibleText(title).slice(0, 200) }),
          ...(description === undefined ? {} : { description: visibleText(description).slice(0, 1000) }),
          backend: backend.name
        }))
      )
    )
    const all = found.flat()
    const start = cursor === undefined ? 0 : all.findIndex(({ uri }) => uri === cursor) + 1
    if (cursor !== undefined && start === 0)
      throw new ToolFailure('invalid-cursor', 'the cursor is not one of this list', {
        next: 'Start again without cursor.'
      })
    const buckets = fittingItems(all.slice(start, start + limit))
    const last = buckets.at(-1)
    const isMore = last !== undefined && start + buckets.length < all.length
    return {
      structured: { buckets, ...(isMore ? { next_cursor: last.uri } : {}) },
      line: `${String(buckets.length)} of ${String(all.length)} buckets and folders.`
    }
  }
})

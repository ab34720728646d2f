import { z } from 'zod'
import { registryOf } from './access.ts'
import { cursorArgument, limitArgument, nextCursor, registryArgument, registryUri } from './arguments.ts'
import { resourceLinks } from './links.ts'
import { cursorOf, ending, fittingPage, pageOptions } from './page.ts'
import { readOnly, tool } from './tool.ts'
import { visible } from './visible.ts'

export const packagesList = tool({
  name: 'packages_list',
  title: 'List packages',
  description: 'Package names of a registry. Use it to see what there is; then package_inspect.',
  toolset: 'packages',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    registry: registryArgument,
    prefix: z.string().max(1024).optional().describe('Start of names'),
    limit: limitArgument,
    cursor: cursorArgument
  }),
  output: z.strictObject({
    registry: registryUri,
    packages: z.array(z.strictObject({ name: z.string().describe('namespace/name') })).describe('{name}'),
    next_cursor: nextCursor
  }),
  examples: [{}, { prefix: 'climate/', limit: 1 }],
  handle: async ({ registry: uri, prefix, limit, cursor }, context) => {
    const registry = await registryOf(context, uri)
    const { page, items } = await fittingPage(
      limit,
      (asked) =>
        registry.packages({
          ...pageOptions(cursor, asked, context.signal),
          ...(prefix === undefined ? {} : { prefix })
        }),
      ({ name }) => ({ name })
    )
    return {
      structured: { registry: registry.uri, packages: items, ...cursorOf(page) },
      line: `${String(items.length)} packages of ${visible(registry.uri)}${ending(page)}`,
      content: resourceLinks(
        registry.uri,
        items.map(({ name }) => ({ package: name }))
      )
    }
  }
})

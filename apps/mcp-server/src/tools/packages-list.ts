import { z } from 'zod'
import { cursorArgument, limitArgument, nextCursor, registryArgument } from './arguments.ts'
import { cursorOf, fittingPage, pageOptions } from './page.ts'
import { readOnly, tool } from './tool.ts'
import { visible } from './visible.ts'

export const packagesList = tool({
  name: 'packages_list',
  title: 'List packages',
  description:
    'Lists the names of the packages in a registry, in order, page by page. Use it to find a package; then call package_browse to see what is in it, or package_versions for its history.',
  toolset: 'packages',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    registry: registryArgument,
    prefix: z.string().max(1024).optional().describe('Only names that start with this, such as "climate/"'),
    limit: limitArgument,
    cursor: cursorArgument
  }),
  output: z.strictObject({
    registry: z.string(),
    packages: z.array(z.strictObject({ name: z.string() })),
    next_cursor: nextCursor
  }),
  examples: [{}, { prefix: 'climate/' }, { limit: 2 }],
  handle: async ({ registry: uri, prefix, limit, cursor }, { services, signal }) => {
    const registry = services.registries.get(uri)
    const { page, items } = await fittingPage(
      limit,
      (asked) =>
        registry.packages({
          ...pageOptions(cursor, asked, signal),
          ...(prefix === undefined ? {} : { prefix })
        }),
      ({ name }) => ({ name })
    )
    return {
      structured: { registry: registry.uri, packages: items, ...cursorOf(page) },
      line: `${String(items.length)} packages of ${visible(registry.uri)}${page.next === undefined ? '.' : '; there are more.'}`
    }
  }
})

import { z } from 'zod'
import { registryOf } from './access.ts'
import {
  cursorArgument,
  limitArgument,
  nextCursor,
  packageArgument,
  packageName,
  registryArgument,
  registryUri,
  topHash
} from './arguments.ts'
import { resourceLinks } from './links.ts'
import { cursorOf, ending, fittingPage, pageOptions } from './page.ts'
import { readOnly, tool } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'

export const packageVersions = tool({
  name: 'package_versions',
  title: 'List revisions',
  description: 'Revisions of a package, newest first. Use it for history; pass a top_hash as revision.',
  toolset: 'packages',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    package: packageArgument,
    registry: registryArgument,
    limit: limitArgument,
    cursor: cursorArgument
  }),
  output: z.strictObject({
    registry: registryUri,
    package: packageName,
    revisions: z
      .array(
        z.strictObject({
          pointer: z.string().describe('latest, the Unix seconds of the push, or another tag'),
          top_hash: topHash,
          modified: z.string().optional().describe('Time of the push, ISO 8601')
        })
      )
      .describe('{pointer, top_hash, modified}'),
    next_cursor: nextCursor
  }),
  examples: [{ package: 'biology/penguins' }],
  handle: async ({ package: name, registry: uri, limit, cursor }, context) => {
    const registry = await registryOf(context, uri)
    const { page, items } = await fittingPage(
      limit,
      (asked) => registry.revisions(name, pageOptions(cursor, asked, context.signal)),
      ({ pointer, topHash: hash, modified }) => ({
        pointer,
        top_hash: hash,
        ...(modified === undefined ? {} : { modified: modified.toISOString() })
      })
    )
    if (items.length === 0 && cursor === undefined)
      throw new ToolFailure('package-not-found', `there is no package ${visible(name)} in ${registry.uri}`, {
        next: 'List the names with packages_list.'
      })
    return {
      structured: { registry: registry.uri, package: name, revisions: items, ...cursorOf(page) },
      line: `${String(items.length)} revisions of ${visible(name)}${ending(page)}`,
      content: resourceLinks(
        registry.uri,
        items.map(({ top_hash: hash }) => ({ package: name, hash }))
      )
    }
  }
})

import { z } from 'zod'
import {
  cursorArgument,
  limitArgument,
  nextCursor,
  packageArgument,
  registryArgument,
  topHash
} from './arguments.ts'
import { cursorOf, fittingPage, pageOptions } from './page.ts'
import { readOnly, tool } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'

export const packageVersions = tool({
  name: 'package_versions',
  title: 'List revisions of a package',
  description:
    'Lists the revisions of a package, newest first: pointer (a time of push in Unix seconds, or a tag such as latest), top hash and time. Use it to see the history; pass a top hash or pointer as revision to package_browse or object_read.',
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
    registry: z.string(),
    package: z.string(),
    revisions: z.array(
      z.strictObject({
        pointer: z.string().describe('latest, the Unix seconds of the push, or another tag'),
        top_hash: topHash,
        modified: z.string().optional().describe('Time of the push, ISO 8601')
      })
    ),
    next_cursor: nextCursor
  }),
  examples: [{ package: 'climate/seattle-weather' }, { package: 'biology/penguins', limit: 1 }],
  handle: async ({ package: name, registry: uri, limit, cursor }, { services, signal }) => {
    const registry = services.registries.get(uri)
    const { page, items } = await fittingPage(
      limit,
      (asked) => registry.revisions(name, pageOptions(cursor, asked, signal)),
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
      line: `${String(items.length)} revisions of ${visible(name)}${page.next === undefined ? '.' : '; there are more.'}`
    }
  }
})

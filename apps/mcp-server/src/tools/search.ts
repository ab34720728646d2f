import { z } from 'zod'
import { registryOf } from './access.ts'
import {
  bestLimitArgument,
  cursorArgument,
  nextCursor,
  packageArgument,
  registryArgument
} from './arguments.ts'
import { resourceLinks } from './links.ts'
import { ending, fittingItems } from './page.ts'
import { searchCatalog } from './search-catalog.ts'
import { searchIndex } from './search-index.ts'
import { searchMetadata } from './search-metadata.ts'
import { searchObjects } from './search-objects.ts'
import { searchPackage } from './search-package.ts'
import type { Answer, Search } from './search-answer.ts'
import { readOnly, tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'

const facet = z.array(
  z.strictObject({ value: z.string().describe('What is counted'), count: z.int().describe('Matches of it') })
)

export const search = tool({
  name: 'search',
  title: 'Search',
  description:
    'Finds packages, entries (their files) or objects (of buckets). Use it when you do not know where data is.',
  toolset: 'search',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    query: z.string().max(1000).describe('Words'),
    in: z.enum(['packages', 'entries', 'objects']).default('packages').describe('What'),
    field: z.enum(['name', 'metadata']).default('name').describe('Of entries'),
    package: packageArgument.optional().describe('Only in it'),
    prefix: z.string().max(4096).optional().describe('Of objects'),
    extension: z.array(z.string().min(1).max(32)).max(20).optional().describe('Any of these'),
    min_size: z.int().min(0).optional().describe('Bytes'),
    max_size: z.int().min(0).optional().describe('Bytes'),
    modified_after: z
      .string()
      .max(40)
      .refine(
        (text) => /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
        'ISO 8601 is expected'
      )
      .optional()
      .describe('ISO 8601'),
    facets: z.boolean().default(false).describe('Count by type'),
    registry: registryArgument,
    limit: bestLimitArgument,
    cursor: cursorArgument
  }),
  output: z.strictObject({
    engine: z.enum(['elasticsearch', 'index', 'manifest', 'listing']).describe('What answered'),
    backend: z.string().describe('local, s3 or stack'),
    results: z
      .array(
        z.discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('package').describe('A package'),
            package: z.string().describe('namespace/name'),
            registry: z.string().describe('Registry URI'),
            top_hash: z.string().optional().describe('Latest revision'),
            message: z.string().optional().describe('Commit message'),
            modified: z.string().optional().describe('ISO 8601'),
            files: z.int().optional().describe('Files in it'),
            bytes: z.int().optional().describe('Bytes in it'),
            matching: z.int().optional().describe('Files that match by their key')
          }),
          z.strictObject({
            kind: z.literal('entry').describe('A file of a package'),
            package: z.string().describe('namespace/name'),
            registry: z.string().describe('Registry URI'),
            top_hash: z.string().optional().describe('Revision'),
            path: z.string().describe('Logical key'),
            shown: z.string().optional().describe('The path with invisible characters as \\u{…}'),
            size: z.int().optional().describe('Bytes'),
            modified: z.string().optional().describe('Time of the push, ISO 8601')
          }),
          z.strictObject({
            kind: z.literal('object').describe('A file of a bucket'),
            uri: z.string().describe('Address'),
            shown: z.string().optional().describe('The key with invisible characters as \\u{…}'),
            size: z.int().optional().describe('Bytes'),
            modified: z.string().optional().describe('ISO 8601')
          })
        ])
      )
      .describe('{kind, package, top_hash, path, uri, size, modified}'),
    total: z.int().optional().describe('Matches, where known'),
    facets: z
      .strictObject({
        extension: facet.optional().describe('By file name extension'),
        package: facet.optional().describe('By package'),
        bucket: facet.optional().describe('By bucket')
      })
      .optional()
      .describe('{extension, package, bucket}: lists of {value, count}'),
    note: z.string().optional().describe('What was not looked at'),
    next_cursor: nextCursor
  }),
  examples: [
    { query: 'weather' },
    { query: 'csv', in: 'entries', package: 'climate/seattle-weather', facets: true }
  ],
  handle: async (args, context) => {
    const registry = await registryOf(context, args.registry)
    const answer = await answerOf({ ...args, registry }, context)
    const results = fittingItems(answer.results)
    if (results.length < answer.results.length)
      throw new ToolFailure('result-too-large', 'the matches of one page are too many to show', {
        next: `Call again with limit ${String(Math.max(1, results.length))} and the same cursor.`
      })
    const { total, facets, note, next } = answer
    return {
      structured: {
        engine: answer.engine,
        backend: registry.backend.name,
        results,
        ...(total === undefined ? {} : { total }),
        ...(facets === undefined ? {} : { facets }),
        ...(note === undefined ? {} : { note }),
        ...(next === undefined ? {} : { next_cursor: next })
      },
      line: `${String(results.length)}${total === undefined ? '' : ` of ${String(total)}`} matches, by ${answer.engine}${ending(answer)}`,
      content: resourceLinks(
        registry.uri,
        results.flatMap((result) =>
          result.kind === 'object'
            ? []
            : [
                {
                  package: result.package,
                  hash: result.top_hash,
                  path: result.kind === 'entry' ? result.path : undefined
                }
              ]
        )
      )
    }
  }
})

/** Asks the engine that knows most: a package's own manifest, the stack, the registry's index, or a listing. */
function answerOf(search: Search, context: ToolContext): Promise<Answer> {
  if (search.in === 'entries' && search.package !== undefined)
    return searchPackage({ ...search, package: search.package }, context)
  if (search.in === 'entries' && search.field === 'metadata') return searchMetadata(search, context)
  if (search.registry.backend.search !== undefined)
    return searchCatalog(search, search.registry.backend.search, context)
  return search.in === 'objects' ? searchObjects(search, context) : searchIndex(search, context)
}

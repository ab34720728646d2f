import { z } from 'zod'
import type { BackendName } from '../backends/backend.ts'
import { registryOf } from './access.ts'
import {
  bestLimitArgument,
  cursorArgument,
  nextCursor,
  packageArgument,
  registryArgument
} from './arguments.ts'
import { maxLinks, resourceLinks } from './links.ts'
import { ending, fittingItems } from './page.ts'
import { searchCatalog } from './search-catalog.ts'
import { searchIndex } from './search-index.ts'
import { searchMetadata } from './search-metadata.ts'
import { searchObjects } from './search-objects.ts'
import { searchPackage } from './search-package.ts'
import type { Answer, Result, Search, SearchArguments } from './search-answer.ts'
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
    const { backend, answer, results } = await fittingAnswer(args, context)
    const { total, facets, note, next } = answer
    return {
      structured: {
        engine: answer.engine,
        backend,
        results,
        ...(total === undefined ? {} : { total }),
        ...(facets === undefined ? {} : { facets }),
        ...(note === undefined ? {} : { note }),
        ...(next === undefined ? {} : { next_cursor: next })
      },
      line: `${String(results.length)}${total === undefined ? '' : ` of ${String(total)}`} matches, by ${answer.engine}${ending(answer)}`,
      content: results
        .flatMap((result) => (result.kind === 'object' ? [] : [result]))
        .slice(0, maxLinks)
        .flatMap((result) => {
          const path = result.kind === 'entry' ? result.path : undefined
          return resourceLinks(result.registry, [{ package: result.package, hash: result.top_hash, path }])
        })
    }
  }
})

interface Found {
  /** Where the results come from. */
  readonly backend: BackendName
  readonly answer: Answer
}

/** A page of results that is no more than a client takes at once: where it is, a smaller one is asked for. */
async function fittingAnswer(
  args: SearchArguments & RegistryArgument,
  context: ToolContext
): Promise<Found & { readonly results: Result[] }> {
  for (let { limit } = args; ;) {
    const found = await answerOf({ ...args, limit }, context)
    const results = fittingItems(found.answer.results)
    if (results.length === found.answer.results.length) return { ...found, results }
    if (limit === 1)
      throw new ToolFailure('result-too-large', 'the matches of one page are too many to show', {
        next: 'Search for more words, or in one package.'
      })
    limit = Math.max(1, Math.min(results.length, Math.floor(limit / 2)))
  }
}

interface RegistryArgument {
  readonly registry?: string | undefined
}

/**
 * Asks the registry that is meant. Where none is named and the server has no default one, the stack searches all buckets
 * of the caller, but for what only a manifest can tell.
 */
async function answerOf(args: SearchArguments & RegistryArgument, context: ToolContext): Promise<Found> {
  const { registries, backends } = context.services
  if (args.registry === undefined && registries.default === undefined && !needsManifest(args))
    for (const { name, search: ask } of backends)
      if (ask !== undefined)
        return { backend: name, answer: await searchCatalog(args, undefined, ask, context) }
  const registry = await registryOf(context, args.registry)
  return { backend: registry.backend.name, answer: await answerIn({ ...args, registry }, context) }
}

function needsManifest(search: SearchArguments): boolean {
  return search.in === 'entries' && (search.package !== undefined || search.field === 'metadata')
}

/** Asks the engine that knows most: a package's own manifest, the stack, the registry's index, or a listing. */
function answerIn(search: Search, context: ToolContext): Promise<Answer> {
  if (search.in === 'entries' && search.package !== undefined)
    return searchPackage({ ...search, package: search.package }, context)
  if (needsManifest(search)) return searchMetadata(search, context)
  const { search: ask } = search.registry.backend
  if (ask !== undefined) return searchCatalog(search, search.registry, ask, context)
  return search.in === 'objects' ? searchObjects(search, context) : searchIndex(search, context)
}

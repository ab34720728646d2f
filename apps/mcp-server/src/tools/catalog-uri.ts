import { formatQuiltUri } from '@fast-mcp/quilt'
import { z } from 'zod'
import { packageArgument, registryArgument, revisionArgument, topHash } from './arguments.ts'
import { readOnly, tool } from './tool.ts'

export const catalogUri = tool({
  name: 'catalog_uri',
  title: 'Make a Quilt URI',
  description:
    'Makes the quilt+s3:// or quilt+file:// URI of a package, or of a file or folder in it: one that follows latest or a tag, and one pinned to the top hash it means now. Use it to cite data; object_read takes such a URI.',
  toolset: 'catalog',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    package: packageArgument,
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Logical key of a file, or of a folder with / at the end'),
    revision: revisionArgument,
    registry: registryArgument,
    catalog: z
      .string()
      .max(253)
      .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i)
      .optional()
      .describe('Host name of the Quilt catalog to name in the URI')
  }),
  output: z.strictObject({
    uri: z.string().describe('Follows the revision as asked for'),
    pinned_uri: z.string().describe('Always means the same data'),
    top_hash: topHash
  }),
  examples: [
    { package: 'climate/seattle-weather' },
    { package: 'climate/seattle-weather', path: 'seattle-weather.csv', catalog: 'open.quiltdata.com' }
  ],
  handle: async ({ package: packageName, path, revision, registry: uri, catalog }, context) => {
    const { services, signal } = context
    const registry = await services.registries.get(uri, context)
    const hash = await registry.resolve(packageName, revision, { signal })
    const base = { registry: registry.uri, packageName, path, catalog }
    const byHash = revision !== undefined && hash.startsWith(revision)
    const pinned = formatQuiltUri({ ...base, hash, tag: undefined })
    const following = formatQuiltUri({
      ...base,
      hash: undefined,
      tag: revision === 'latest' ? undefined : revision
    })
    const asked = byHash ? pinned : following
    return { structured: { uri: asked, pinned_uri: pinned, top_hash: hash }, line: asked }
  }
})

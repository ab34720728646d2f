import { formatQuiltUri } from '@fast-mcp/quilt'
import { z } from 'zod'
import { registryOf } from './access.ts'
import { packageArgument, registryArgument, revisionArgument, topHash } from './arguments.ts'
import { catalogArgument } from './catalog-host.ts'
import { readOnly, tool } from './tool.ts'

export const catalogUri = tool({
  name: 'catalog_uri',
  title: 'Make a Quilt URI',
  description:
    'quilt+s3:// URI of a package or file, following and pinned. Use it to cite data; object_read takes it.',
  toolset: 'catalog',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    package: packageArgument,
    path: z.string().min(1).max(4096).optional().describe('File or folder/'),
    revision: revisionArgument,
    registry: registryArgument,
    catalog: catalogArgument
  }),
  output: z.strictObject({
    uri: z.string().describe('Follows the revision asked for'),
    pinned_uri: z.string().describe('Always means the same data'),
    top_hash: topHash
  }),
  examples: [{ package: 'biology/penguins', path: 'README.md' }],
  handle: async ({ package: packageName, path, revision, registry: uri, catalog }, context) => {
    const registry = await registryOf(context, uri)
    const hash = await registry.resolve(packageName, revision, { signal: context.signal })
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

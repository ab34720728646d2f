import { parsePhysicalKey } from '@fast-mcp/quilt'
import { z } from 'zod'
import { packageArgument, revisionArgument } from './arguments.ts'
import { catalogArgument } from './catalog-host.ts'
import { readOnly, tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'

export const catalogUrl = tool({
  name: 'catalog_url',
  title: 'Make a catalog link',
  description: 'Web address of a bucket, package or file in a catalog. Use it to give people a link.',
  toolset: 'catalog',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({
    registry: z.string().max(2048).optional().describe('s3://bucket'),
    package: packageArgument.optional(),
    path: z.string().max(4096).default('').describe('File or folder'),
    revision: revisionArgument,
    catalog: catalogArgument
  }),
  output: z.strictObject({
    url: z.string().describe('To open in a browser'),
    view: z.enum(['package', 'bucket']).describe('What it shows')
  }),
  examples: [{ registry: 's3://example', package: 'a/b', path: 'x y.csv', catalog: 'open.quiltdata.com' }],
  handle: (args, context) => {
    const registry = args.registry ?? context.services.registries.default ?? ''
    const place = placeOf(registry)
    const parts =
      args.package === undefined
        ? ['b', place, 'tree']
        : ['b', place, 'packages', ...args.package.split('/'), 'tree', args.revision ?? 'latest']
    const path = args.path === '' ? '' : `/${args.path.split('/').map(encodeURIComponent).join('/')}`
    const url = `${catalogOf(args.catalog, registry, context)}/${parts.map(encodeURIComponent).join('/')}${path}`
    const view: 'package' | 'bucket' = args.package === undefined ? 'bucket' : 'package'
    return { structured: { url, view }, line: url }
  }
})

/** The bucket of a registry. It need not be served: a link reads nothing. */
function placeOf(registry: string): string {
  const key = registry.startsWith('s3://') ? parsePhysicalKey(registry) : undefined
  if (key?.kind === 's3' && key.key === '') return key.bucket
  throw new ToolFailure('no-catalog-page', `${visible(registry)} has no page in a catalog: it is no bucket`, {
    next: 'Name a registry s3://bucket, or cite local data with catalog_uri.'
  })
}

function catalogOf(host: string | undefined, registry: string, { services }: ToolContext): string {
  if (host !== undefined) return `https://${host}`
  const url = services.backends.find(({ catalogUrl: address }) => address !== undefined)?.catalogUrl
  if (url !== undefined) return url
  throw new ToolFailure('no-catalog', `no catalog of ${visible(registry)} is known`, {
    next: 'Give catalog, such as open.quiltdata.com, or start the server with QUILT_CATALOG_URL.'
  })
}

import type { Manifest, Registry } from '@fast-mcp/quilt'
import type { ToolContext } from './tool.ts'

/** How the arguments of a tool name a revision. */
export interface RevisionArguments {
  readonly package: string
  readonly registry?: string | undefined
  readonly revision?: string | undefined
}

/** Opens a revision, lets `use` work with it and closes it again. Throws QuiltError where there is no such package or revision. */
export async function withRevision<T>(
  args: RevisionArguments,
  { services, signal }: ToolContext,
  use: (manifest: Manifest, registry: Registry) => Promise<T>
): Promise<T> {
  const registry = services.registries.get(args.registry)
  const topHash = await registry.resolve(args.package, args.revision, { signal })
  const manifest = await registry.open(topHash, { signal })
  try {
    return await use(manifest, registry)
  } finally {
    await manifest.close()
  }
}

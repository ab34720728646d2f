import type { Manifest } from '@fast-mcp/quilt'
import type { ServedRegistry } from '../registries.ts'
import { registryOf } from './access.ts'
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
  context: ToolContext,
  use: (manifest: Manifest, registry: ServedRegistry) => Promise<T>
): Promise<T> {
  const { signal } = context
  const registry = await registryOf(context, args.registry)
  const topHash = await registry.resolve(args.package, args.revision, { signal })
  const manifest = await registry.open(topHash, { signal })
  try {
    return await use(manifest, registry)
  } finally {
    await manifest.close()
  }
}

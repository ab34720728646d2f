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

interface OpenRevision {
  readonly manifest: Manifest
  readonly registry: ServedRegistry
}

/** Opens a revision, lets `use` work with it and closes it again. Throws QuiltError where there is no such package or revision. */
export async function withRevision<T>(
  args: RevisionArguments,
  context: ToolContext,
  use: (manifest: Manifest, registry: ServedRegistry) => Promise<T>
): Promise<T> {
  const { manifest, registry } = await open(args, context)
  try {
    return await use(manifest, registry)
  } finally {
    await manifest.close()
  }
}

/** The same with two, which are opened at once: the first time that takes a scan of each. `registry` is that of the first. */
export async function withTwoRevisions<T>(
  first: RevisionArguments,
  second: RevisionArguments,
  context: ToolContext,
  use: (first: Manifest, second: Manifest, registry: ServedRegistry) => Promise<T>
): Promise<T> {
  const [one, other] = await Promise.allSettled([open(first, context), open(second, context)])
  try {
    if (one.status === 'rejected') throw one.reason
    if (other.status === 'rejected') throw other.reason
    return await use(one.value.manifest, other.value.manifest, one.value.registry)
  } finally {
    for (const opened of [one, other]) if (opened.status === 'fulfilled') await opened.value.manifest.close()
  }
}

async function open(args: RevisionArguments, context: ToolContext): Promise<OpenRevision> {
  const { signal } = context
  const registry = await registryOf(context, args.registry)
  const topHash = await registry.resolve(args.package, args.revision, { signal })
  return { manifest: await registry.open(topHash, { signal }), registry }
}

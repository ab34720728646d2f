import { fromPlain, isJsonObject, mergeMetadata, type JsonObject, type PackageBuilder } from '@fast-mcp/quilt'
import { z } from 'zod'
import { registryOf } from './access.ts'
import {
  dryRunArgument,
  messageArgument,
  metaArgument,
  packageArgument,
  registryArgument,
  workflowArgument
} from './arguments.ts'
import { copyArgument } from './package-create.ts'
import { addSources, sourcesArgument } from './package-source.ts'
import { plannedPackage } from './planned-package.ts'
import { tool } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { writePackage, writtenOutput } from './write-package.ts'

export const packagePatch = tool({
  name: 'package_patch',
  title: 'Change a package',
  description:
    'Writes a new revision of a package with files added, replaced or removed and metadata merged. Use it to update or repair; it refuses when parent is no longer the latest.',
  toolset: 'packages',
  scope: 'write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  input: z.strictObject({
    package: packageArgument,
    set: sourcesArgument.default([]).describe('Files to add or replace; with meta alone: new file metadata'),
    remove: z.array(z.string().min(1).max(4096)).max(1000).default([]).describe('Files or folders'),
    meta: metaArgument.optional().describe('Package metadata to merge; null removes a member'),
    parent: z.string().min(1).max(256).optional().describe('Revision the change builds on; default: latest'),
    message: messageArgument,
    workflow: workflowArgument,
    copy: copyArgument,
    registry: registryArgument,
    dry_run: dryRunArgument
  }),
  output: z.strictObject(writtenOutput),
  examples: [
    { package: 'biology/penguins', remove: ['reference/'], meta: { reviewed: false }, dry_run: true }
  ],
  handle: async (args, context) => {
    if (args.set.length === 0 && args.remove.length === 0 && args.meta === undefined)
      throw new ToolFailure('invalid-arguments', 'nothing is to be changed', {
        next: 'Give set, remove or meta.'
      })
    const { signal } = context
    await using open = new AsyncDisposableStack()
    const registry = await registryOf(context, args.registry)
    const hash = await registry.resolve(args.package, args.parent, { signal })
    const before = await registry.open(hash, { signal })
    open.defer(() => before.close())
    const builder = args.dry_run
      ? plannedPackage({ name: args.package, manifest: before })
      : open.use(await registry.patch(args.package, hash, { signal }))
    for (const path of args.remove) builder.remove(path)
    const bytes = await addSources(builder, args.set, context, open)
    if (args.meta !== undefined) mergeMeta(builder, fromPlain(args.meta))
    return await writePackage({ registry, builder, before, keeps: true, bytes }, args, context)
  }
})

/** Puts members over the package's metadata; those that are null are removed. */
function mergeMeta(builder: PackageBuilder, changes: ReturnType<typeof fromPlain>): void {
  if (!isJsonObject(changes)) return
  const merged: JsonObject = mergeMetadata(builder.userMeta, changes)
  builder.setMeta(new Map([...merged].filter(([name]) => changes.get(name) !== null)))
}

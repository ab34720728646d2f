import { fromPlain, isQuiltError, isPackageName, type Manifest, type PackageBuilder } from '@fast-mcp/quilt'
import { z } from 'zod'
import type { ServedRegistry } from '../registries.ts'
import { registryOf } from './access.ts'
import {
  dryRunArgument,
  messageArgument,
  metaArgument,
  packageArgument,
  registryArgument,
  workflowArgument
} from './arguments.ts'
import { addSources, sourcesArgument } from './package-source.ts'
import { plannedPackage } from './planned-package.ts'
import { tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'
import { writePackage, writtenOutput } from './write-package.ts'

export const copyArgument = z
  .boolean()
  .default(true)
  .describe('Copy bytes into the registry; false: refer to them')

export const overwriteArgument = z.boolean().default(false).describe('Replace an existing package')

export const packageCreate = tool({
  name: 'package_create',
  title: 'Create a package',
  description:
    'Publishes a new package from files and texts. Use it for a name that is not taken: package_patch changes an existing package, package_create_from_prefix publishes a folder.',
  toolset: 'packages',
  scope: 'write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  input: z.strictObject({
    package: packageArgument,
    entries: sourcesArgument.describe('Files of the package'),
    meta: metaArgument.optional().describe('Package metadata'),
    message: messageArgument,
    workflow: workflowArgument,
    copy: copyArgument,
    overwrite: overwriteArgument,
    registry: registryArgument,
    dry_run: dryRunArgument
  }),
  output: z.strictObject(writtenOutput),
  examples: [{ package: 'examples/hello', entries: [{ path: 'a.txt', text: 'hello' }], dry_run: true }],
  handle: async (args, context) => {
    await using open = new AsyncDisposableStack()
    const registry = await registryOf(context, args.registry)
    const { builder, before } = await startPackage(registry, args, context, open)
    const bytes = await addSources(builder, args.entries, context, open)
    if (args.meta !== undefined) builder.setMeta(fromPlain(args.meta))
    return await writePackage({ registry, builder, before, keeps: false, bytes }, args, context)
  }
})

interface StartArguments {
  readonly package: string
  readonly overwrite: boolean
  readonly dry_run: boolean
}

export interface Start {
  readonly builder: PackageBuilder
  /** The revision that will be replaced. */
  readonly before: Manifest | undefined
}

/**
 * A builder of a package of a name that is free, or that may be overwritten: then only the revision that is latest now,
 * so that one which another writer pushes meanwhile stays. Throws ToolFailure `package-exists`.
 */
export async function startPackage(
  registry: ServedRegistry,
  { package: name, overwrite, dry_run: dryRun }: StartArguments,
  { signal }: ToolContext,
  open: AsyncDisposableStack
): Promise<Start> {
  const hash = await latestOf(registry, name, signal)
  const builder = open.use(dryRun ? plannedPackage() : registry.newPackage())
  if (hash === undefined) return { builder, before: undefined }
  if (!overwrite)
    throw new ToolFailure(
      'package-exists',
      `there is a package ${visible(name)} in ${registry.uri} already`,
      {
        next: 'Change it with package_patch, choose another name, or replace all of it with overwrite: true.'
      }
    )
  const before = await registry.open(hash, { signal })
  open.defer(() => before.close())
  builder.addParent(name, hash)
  return { builder, before }
}

async function latestOf(
  registry: ServedRegistry,
  name: string,
  signal: AbortSignal
): Promise<string | undefined> {
  // JavaScript and Python agree on names but for one final line feed, which nobody means.
  if (!isPackageName(name) || name.endsWith('\n'))
    throw new ToolFailure('invalid-package-name', `${visible(name)} is not a package name`, {
      next: 'Use two parts of letters, digits, underscores and hyphens, with one slash between.'
    })
  try {
    return await registry.resolve(name, undefined, { signal })
  } catch (error) {
    if (isQuiltError(error, 'package-not-found')) return undefined
    throw error
  }
}

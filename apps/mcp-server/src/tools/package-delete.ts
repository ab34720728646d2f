import { z } from 'zod'
import { registryOf } from './access.ts'
import { dryRunArgument, packageArgument, packageName, registryArgument, registryUri } from './arguments.ts'
import { tool } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'
import { readOnlyWarnings, refuseReadOnly, warningsOutput } from './write-package.ts'

export const packageDelete = tool({
  name: 'package_delete',
  title: 'Delete a package',
  description:
    'Removes a package, or one revision, from the registry; data files stay. Use it only when a person asked for exactly this: it cannot be undone here.',
  toolset: 'packages',
  scope: 'write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    package: packageArgument,
    confirm: z.string().max(1024).describe('The same name again, exactly'),
    revision: z.string().min(1).max(256).optional().describe('Only this revision; default: all'),
    registry: registryArgument,
    dry_run: dryRunArgument
  }),
  output: z.strictObject({
    registry: registryUri,
    package: packageName,
    dry_run: z.boolean().describe('Nothing was removed'),
    revision: z.string().optional().describe('Top hash of the one removed'),
    latest: z.string().optional().describe('Top hash that is latest now'),
    warnings: warningsOutput
  }),
  examples: [{ package: 'biology/penguins', confirm: 'biology/penguins', dry_run: true }],
  handle: async (args, context) => {
    if (args.confirm !== args.package)
      throw new ToolFailure(
        'not-confirmed',
        `confirm is not exactly ${visible(args.package)}; nothing was deleted`,
        {
          next: 'Ask the person, then call again with confirm set to the full name of the package.'
        }
      )
    const { signal } = context
    const registry = await registryOf(context, args.registry)
    if (!args.dry_run) refuseReadOnly(registry)
    const { items } = await registry.revisions(args.package, { limit: 1, signal })
    if (items.length === 0)
      throw new ToolFailure(
        'package-not-found',
        `there is no package ${visible(args.package)} in ${registry.uri}`,
        {
          next: 'List the names with packages_list.'
        }
      )
    const hash =
      args.revision === undefined
        ? undefined
        : await registry.resolve(args.package, args.revision, { signal })
    if (!args.dry_run) {
      if (hash === undefined) await registry.deletePackage(args.package, { signal })
      else await registry.deleteRevision(args.package, hash, { signal })
    }
    const remaining = args.dry_run ? [] : (await registry.revisions(args.package, { limit: 1, signal })).items
    const what = hash === undefined ? args.package : `revision ${hash.slice(0, 12)} of ${args.package}`
    return {
      structured: {
        registry: registry.uri,
        package: args.package,
        dry_run: args.dry_run,
        ...(hash === undefined ? {} : { revision: hash }),
        ...(remaining[0] === undefined ? {} : { latest: remaining[0].topHash }),
        ...(args.dry_run ? readOnlyWarnings(registry) : {})
      },
      line: `${visible(what)} ${args.dry_run ? 'would be' : 'is'} deleted; its data files stay.`
    }
  }
})

import { z } from 'zod'
import { registryOf } from './access.ts'
import { dryRunArgument, packageArgument, packageName, registryArgument, registryUri } from './arguments.ts'
import { resourceLinks } from './links.ts'
import { tool } from './tool.ts'
import { visible } from './visible.ts'
import { readOnlyWarnings, refuseReadOnly, warningsOutput } from './write-package.ts'

export const packageRollback = tool({
  name: 'package_rollback',
  title: 'Roll back a package',
  description:
    'Makes an earlier revision the latest again; no revision is lost. Use it after a wrong push; package_versions lists revisions.',
  toolset: 'packages',
  scope: 'write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    package: packageArgument,
    revision: z.string().min(1).max(256).describe('Top hash, its first 6+ digits, or pointer'),
    registry: registryArgument,
    dry_run: dryRunArgument
  }),
  output: z.strictObject({
    registry: registryUri,
    package: packageName,
    dry_run: z.boolean().describe('Nothing was written'),
    top_hash: z.string().describe('Latest now'),
    previous: z.string().describe('Latest before'),
    warnings: warningsOutput
  }),
  examples: [{ package: 'biology/penguins', revision: '1756717200', dry_run: true }],
  handle: async (args, context) => {
    const { signal } = context
    const registry = await registryOf(context, args.registry)
    if (!args.dry_run) refuseReadOnly(registry)
    const previous = await registry.resolve(args.package, undefined, { signal })
    const hash = await registry.resolve(args.package, args.revision, { signal })
    // A hash may be one of no manifest: opening it tells.
    await (await registry.open(hash, { signal })).close()
    if (!args.dry_run) await registry.rollback(args.package, hash, { signal })
    return {
      structured: {
        registry: registry.uri,
        package: args.package,
        dry_run: args.dry_run,
        top_hash: hash,
        previous,
        ...(args.dry_run ? readOnlyWarnings(registry) : {})
      },
      line: `The latest revision of ${visible(args.package)} ${args.dry_run ? 'would be' : 'is'} ${hash.slice(0, 12)}.`,
      content: resourceLinks(registry.uri, [{ package: args.package, hash }])
    }
  }
})

import {
  isQuiltError,
  topHash as computeTopHash,
  verifyPackage,
  type Manifest,
  type ObjectContent,
  type Registry
} from '@fast-mcp/quilt'
import { z } from 'zod'
import {
  packageArgument,
  packageName,
  registryArgument,
  registryUri,
  revisionArgument,
  topHash
} from './arguments.ts'
import { progressPace } from './progress-pace.ts'
import { withRevision } from './revision.ts'
import { readOnly, tool, type ToolContext } from './tool.ts'
import { shownKey, visible } from './visible.ts'

/** Problems that are listed; the rest is counted. */
const maxProblems = 100

export const packageVerify = tool({
  name: 'package_verify',
  title: 'Verify a package',
  description: 'Compares every file with its checksum. Use it when data may be damaged.',
  toolset: 'packages',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({ package: packageArgument, revision: revisionArgument, registry: registryArgument }),
  output: z.strictObject({
    registry: registryUri,
    package: packageName,
    top_hash: topHash,
    intact: z.boolean().describe('No problem found'),
    files: z.int().describe('Checked'),
    problem_count: z.int().describe('Problems in all'),
    problems: z
      .array(
        z.strictObject({
          path: z.string().describe('Logical key; empty for the manifest itself'),
          shown: z.string().optional().describe('The path with invisible characters as \\u{…}'),
          kind: z.enum(['missing', 'size', 'hash', 'manifest']).describe('What does not match')
        })
      )
      .describe('{path, kind}; the first 100')
  }),
  examples: [{ package: 'biology/penguins' }],
  handle: (args, context) =>
    withRevision(args, context, async (manifest, registry) => {
      const problems: { path: string; shown?: string; kind: 'missing' | 'size' | 'hash' | 'manifest' }[] = []
      let count = 0
      if (!(await hasItsHash(manifest, context))) {
        problems.push({ path: '', kind: 'manifest' })
        count++
      }
      const counted = countReads(registry, manifest, context)
      for await (const { logicalKey, kind } of verifyPackage(counted, manifest, { signal: context.signal })) {
        count++
        if (kind !== 'extra' && problems.length < maxProblems)
          problems.push({ path: logicalKey, ...shownKey(logicalKey), kind })
      }
      const [first] = problems
      return {
        structured: {
          registry: registry.uri,
          package: args.package,
          top_hash: manifest.topHash,
          intact: count === 0,
          files: manifest.files,
          problem_count: count,
          problems
        },
        line:
          first === undefined
            ? `${visible(args.package)} is intact: ${String(manifest.files)} files.`
            : `${visible(args.package)} is damaged: ${String(count)} of ${String(manifest.files)} files, first ${visible(first.path === '' ? 'the manifest' : first.path)} (${first.kind}).`
      }
    })
})

async function hasItsHash(manifest: Manifest, { signal }: ToolContext): Promise<boolean> {
  try {
    return (await computeTopHash(manifest.header.raw, manifest.entries({ signal }))) === manifest.topHash
  } catch (error) {
    if (isQuiltError(error, 'entry-incomplete')) return false
    throw error
  }
}

/** A registry that tells the client how many bytes and files of a package were read. */
function countReads(registry: Registry, { files, bytes }: Manifest, context: ToolContext): Registry {
  let [doneFiles, doneBytes] = [0, 0]
  const isDue = progressPace()
  const tell = (): void => {
    if (!isDue(doneFiles === files)) return
    const text = `${String(doneFiles)} of ${String(files)} files, ${String(doneBytes)} of ${String(bytes)} bytes checked`
    // every file counts one more than its bytes, so that empty ones are progress too
    context.progress(doneFiles + doneBytes, files + bytes, text)
  }
  const end = (): void => {
    doneFiles++
    tell()
  }
  async function* counted(body: ObjectContent['body']): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        yield chunk
        doneBytes += chunk.length
        tell()
      }
    } finally {
      end()
    }
  }
  return {
    uri: registry.uri,
    packages: (options) => registry.packages(options),
    revisions: (name, options) => registry.revisions(name, options),
    resolve: (name, selector, options) => registry.resolve(name, selector, options),
    open: (hash, options) => registry.open(hash, options),
    read: async (entry, range, options) => {
      try {
        const { size, body } = await registry.read(entry, range, options)
        return { size, body: counted(body) }
      } catch (error) {
        // what is missing is checked too
        end()
        throw error
      }
    }
  }
}

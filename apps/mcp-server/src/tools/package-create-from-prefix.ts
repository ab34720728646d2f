import { fromPlain, listAll, type PackageBuilder } from '@fast-mcp/quilt'
import { z } from 'zod'
import { locate, registryOf, type Place } from './access.ts'
import {
  dryRunArgument,
  messageArgument,
  metaArgument,
  packageArgument,
  registryArgument,
  workflowArgument
} from './arguments.ts'
import { generateReadme, generateSummary } from './generate-documents.ts'
import { globFilter, globsArgument } from './globs.ts'
import { organizedPath } from './organize.ts'
import { copyArgument, overwriteArgument, startPackage } from './package-create.ts'
import { sourceAt } from './package-source.ts'
import { tool, type ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'
import { visible } from './visible.ts'
import { writePackage, writtenOutput } from './write-package.ts'

/** Files of one package made by one call. */
const maxFiles = 200_000

export const packageCreateFromPrefix = tool({
  name: 'package_create_from_prefix',
  title: 'Publish a folder',
  description:
    'Publishes all files below a bucket prefix or local folder as a new package, with README.md and quilt_summarize.json if it has none. Use it with dry_run first and show the plan.',
  toolset: 'packages',
  scope: 'write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  input: z.strictObject({
    package: packageArgument,
    source: z.string().min(5).max(4096).describe('s3://bucket/prefix/ or file:///folder/'),
    include: globsArgument.default([]).describe('Globs such as *.csv; default: all'),
    exclude: globsArgument.default([]).describe('Globs to leave out'),
    organize: z.enum(['keep', 'by_type']).default('keep').describe('Folders as they are, or by file type'),
    readme: z.boolean().default(true).describe('Generate missing README.md'),
    summarize: z.boolean().default(true).describe('Generate missing quilt_summarize.json'),
    meta: metaArgument.optional().describe('Package metadata'),
    message: messageArgument,
    workflow: workflowArgument,
    copy: copyArgument,
    overwrite: overwriteArgument,
    registry: registryArgument,
    dry_run: dryRunArgument
  }),
  output: z.strictObject({
    ...writtenOutput,
    bytes: z.int().describe('Bytes found'),
    generated: z.array(z.string()).describe('Files written by the server')
  }),
  examples: [{ package: 'examples/copy', source: 'file:///app/sample/biology/penguins/', dry_run: true }],
  handle: async (args, context) => {
    await using open = new AsyncDisposableStack()
    const registry = await registryOf(context, args.registry)
    const { builder, before } = await startPackage(registry, args, context, open)
    const source = await locate(context, args.source.endsWith('/') ? args.source : `${args.source}/`)
    const files = await addFiles(builder, source, args, context)
    if (files.length === 0)
      throw new ToolFailure('nothing-found', `no file below ${visible(args.source)} is included`, {
        next: 'Look at the folder with objects_list, or widen include and exclude.'
      })
    const generated = addDocuments(builder, files, args)
    if (args.meta !== undefined) builder.setMeta(fromPlain(args.meta))
    const sizes = new Map([...files, ...generated].map(({ path, size }) => [path, size]))
    const write = { registry, builder, before, keeps: false, bytes: sizes, told: files.length }
    const result = await writePackage(write, args, context)
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    return {
      ...result,
      structured: { ...result.structured, bytes, generated: generated.map(({ path }) => path) }
    }
  }
})

interface FolderArguments {
  readonly package: string
  readonly source: string
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly organize: 'keep' | 'by_type'
  readonly readme: boolean
  readonly summarize: boolean
  readonly message?: string | undefined
}

interface Found {
  readonly path: string
  readonly size: number
}

/** Puts the files below a prefix into a package. The registry's own files are never among them. */
async function addFiles(
  builder: PackageBuilder,
  source: Place,
  { include, exclude, organize }: FolderArguments,
  context: ToolContext
): Promise<readonly Found[]> {
  const { signal } = context
  const isWanted = globFilter(include, exclude)
  const { store, key: prefix } = source
  const files: Found[] = []
  for await (const { key, size } of listAll(store, { prefix, signal })) {
    const path = key.slice(prefix.length)
    if (path === '' || path.endsWith('/') || key.startsWith('.quilt/') || !isWanted(path)) continue
    if (files.length === maxFiles)
      throw new ToolFailure(
        'too-many-files',
        `there are more than ${String(maxFiles)} files below the prefix`,
        {
          next: 'Publish parts of it as packages of their own, or narrow include.'
        }
      )
    const target = organize === 'by_type' ? organizedPath(path) : path
    builder.set(target, sourceAt({ ...source, key }))
    files.push({ path: target, size })
    if (files.length % 1000 === 0) context.progress(files.length, undefined, 'files found')
  }
  if (files.length % 1000 > 0) context.progress(files.length, undefined, 'files found')
  return files
}

/** Adds the documents that are asked for and missing. */
function addDocuments(
  builder: PackageBuilder,
  files: readonly Found[],
  { package: name, source, message, readme, summarize }: FolderArguments
): readonly Found[] {
  const described = { package: name, source, message, files }
  const has = (path: string): boolean => files.some((file) => file.path === path)
  const generated: Found[] = []
  const add = (path: string, text: string): void => {
    const content = Buffer.from(text)
    builder.set(path, content)
    generated.push({ path, size: content.length })
  }
  if (readme && !has('README.md')) add('README.md', generateReadme(described))
  if (summarize && !has('quilt_summarize.json')) add('quilt_summarize.json', generateSummary(described))
  return generated
}

import type { Manifest, Registry } from '@fast-mcp/quilt'
import { z } from 'zod'
import { packageUri } from './access.ts'
import {
  packageArgument,
  packageName,
  registryArgument,
  registryUri,
  revisionArgument,
  topHash
} from './arguments.ts'
import { describeMeta, metaOutput } from './describe-meta.ts'
import { resourceLinks } from './links.ts'
import { readBytes } from './read-bytes.ts'
import { withRevision } from './revision.ts'
import { readOnly, tool, type ToolContext } from './tool.ts'
import { visibleJson, visibleText } from './visible.ts'

/** Bytes of README.md that are shown; most are shorter. */
const maxReadmeBytes = 12_000
/** Bytes of the largest quilt_summarize.json that is shown. */
const maxSummaryBytes = 6_000

export const packageInspect = tool({
  name: 'package_inspect',
  title: 'Inspect a package',
  description:
    'Message, metadata, workflow, README, summary and size of a package. Use it first, then package_browse.',
  toolset: 'packages',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({ package: packageArgument, revision: revisionArgument, registry: registryArgument }),
  output: z.strictObject({
    registry: registryUri,
    package: packageName,
    top_hash: topHash,
    uri: z.string().describe('Pinned'),
    message: z.string().nullable().describe('Commit message'),
    ...metaOutput,
    workflow: z.unknown().optional().describe('Workflow it fulfilled'),
    files: z.int().describe('Count'),
    bytes: z.int().describe('Total'),
    readme: z.string().optional().describe('README.md'),
    readme_bytes: z.int().optional().describe('Its size if cut; object_read has all'),
    summarize: z.unknown().optional().describe('quilt_summarize.json')
  }),
  examples: [{ package: 'biology/penguins' }],
  handle: (args, context) =>
    withRevision(args, context, async (manifest, registry) => {
      const { header, topHash: hash, files, bytes } = manifest
      const [readme, summary] = await Promise.all([
        readStart(manifest, registry, 'README.md', maxReadmeBytes, context),
        readStart(manifest, registry, 'quilt_summarize.json', maxSummaryBytes, context)
      ])
      const { meta: workflow } = describeMeta(header.workflow)
      return {
        structured: {
          registry: registry.uri,
          package: args.package,
          top_hash: hash,
          uri: packageUri(registry.uri, args.package, hash),
          message: header.message === null ? null : visibleText(header.message).slice(0, 4000),
          ...describeMeta(header.userMeta),
          ...(workflow === undefined ? {} : { workflow }),
          files,
          bytes,
          ...(readme === undefined ? {} : { readme: visibleText(readme.text) }),
          ...(readme?.isWhole === false ? { readme_bytes: readme.size } : {}),
          ...(summary?.isWhole === true ? parsed(summary.text) : {})
        },
        line: `${args.package} has ${String(files)} files, ${String(bytes)} bytes.`,
        content: resourceLinks(registry.uri, [
          { package: args.package, hash },
          ...(readme === undefined ? [] : [{ package: args.package, hash, path: 'README.md' }])
        ])
      }
    })
})

interface Start {
  readonly text: string
  readonly size: number
  readonly isWhole: boolean
}

/** The beginning of a file as text; undefined where the package has none of that name. */
async function readStart(
  manifest: Manifest,
  registry: Registry,
  path: string,
  length: number,
  { signal }: ToolContext
): Promise<Start | undefined> {
  const entry = await manifest.entry(path, { signal })
  if (entry === undefined) return undefined
  const { size, bytes } = await readBytes(await registry.read(entry, { offset: 0, length }, { signal }))
  const isWhole = bytes.length >= size
  // A character that the cut divides is left out.
  const text = new TextDecoder().decode(bytes, { stream: !isWhole })
  return { text, size, isWhole }
}

/** The summary as JSON; nothing where it is none: the file is the author's, and object_read shows it. */
function parsed(text: string): { summarize?: unknown } {
  try {
    return { summarize: visibleJson(JSON.parse(text)) }
  } catch {
    return {}
  }
}

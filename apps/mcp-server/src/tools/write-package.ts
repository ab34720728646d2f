import {
  differences,
  type Entry,
  type Manifest,
  type PackageBuilder,
  type PushOptions
} from '@fast-mcp/quilt'
import { z } from 'zod'
import { readOnlyFailure } from '../backends/read-only-failure.ts'
import type { ServedRegistry } from '../registries.ts'
import { packageUri } from './access.ts'
import { packageName, registryUri } from './arguments.ts'
import { resourceLinks } from './links.ts'
import { PushProgress, type BytesByKey } from './push-progress.ts'
import type { ToolContext, ToolResult } from './tool.ts'
import { shownKey, visible } from './visible.ts'

/** Keys that are named of each kind of change; all are counted. */
const maxKeys = 100

const keys = z.array(z.string()).describe('First 100 paths, invisible characters as \\u{…}')

/** What a dry run says that the call itself would not do. */
export const warningsOutput = z.array(z.string()).optional().describe('To look at')

/** What a tool that writes a revision answers. */
export const writtenOutput = {
  registry: registryUri,
  package: packageName,
  dry_run: z.boolean().describe('Nothing was written'),
  top_hash: z.string().optional().describe('New revision'),
  uri: z.string().optional().describe('Pinned'),
  parent: z.string().optional().describe('Revision it replaces'),
  counts: z
    .strictObject({
      added: z.int().describe('Files that are new'),
      modified: z.int().describe('Files that changed'),
      removed: z.int().describe('Files that are gone'),
      kept: z.int().describe('Files as before')
    })
    .describe('{added, modified, removed, kept}'),
  added: keys,
  modified: keys,
  removed: keys,
  kept: keys,
  warnings: warningsOutput
} as const

/** The revision to be written. */
export interface PackageWrite {
  readonly registry: ServedRegistry
  readonly builder: PackageBuilder
  /** The revision that is latest now; undefined for a new package. */
  readonly before: Manifest | undefined
  /** Whether entries of `before` are kept that are not replaced. */
  readonly keeps: boolean
  /** Of what is put into the package. */
  readonly bytes: BytesByKey
  /** The last figure of progress that the client was told. @default none */
  readonly told?: number
}

/** The arguments that all tools have that write a revision. */
export interface WriteArguments {
  readonly package: string
  readonly dry_run: boolean
  readonly message?: string | undefined
  readonly workflow?: string | null | undefined
  /** False leaves bytes that have an address where they are. */
  readonly copy: boolean
}

export interface Written {
  registry: string
  package: string
  dry_run: boolean
  top_hash?: string
  uri?: string
  parent?: string
  counts: Record<ChangeKind, number>
  added: string[]
  modified: string[]
  removed: string[]
  kept: string[]
  warnings?: string[]
}

type ChangeKind = 'added' | 'modified' | 'removed' | 'kept'

/**
 * Pushes what a builder holds, or says what a push would do. Throws ToolFailure `read-only`, and what a push throws: for a
 * dry run what it would throw before anything is written, but for `read-only`, which is then a warning.
 */
export async function writePackage(
  write: PackageWrite,
  args: WriteArguments,
  context: ToolContext
): Promise<ToolResult<Written>> {
  const { registry, before } = write
  const { package: name, dry_run: dryRun } = args
  if (!dryRun) refuseReadOnly(registry)
  const changes = new Changes()
  let hash: string | undefined
  const options = pushOptions(args, context.signal)
  if (dryRun) {
    await foresee(write, changes)
    await registry.check(write.builder, name, options)
  } else {
    const { see } = new PushProgress(context, filesOf(write), write.bytes, write.told ?? 0)
    hash = (await write.builder.push(name, { ...options, onProgress: see })).topHash
    await compare(registry, before, hash, changes, context)
  }
  return {
    structured: {
      registry: registry.uri,
      package: name,
      dry_run: dryRun,
      ...(hash === undefined ? {} : { top_hash: hash, uri: packageUri(registry.uri, name, hash) }),
      ...(before === undefined ? {} : { parent: before.topHash }),
      ...changes.result(),
      ...(dryRun ? readOnlyWarnings(registry) : {})
    },
    line: `${visible(name)} ${dryRun ? 'would be written' : 'is written'}: ${changes.text()}.`,
    content: hash === undefined ? [] : resourceLinks(registry.uri, [{ package: name, hash }])
  }
}

/** What a dry run adds where nothing can be written to the registry. */
export function readOnlyWarnings({ uri, readOnly }: ServedRegistry): { warnings?: string[] } {
  return readOnly ? { warnings: [readOnlyWarning(uri)] } : {}
}

export function readOnlyWarning(uri: string): string {
  return `${uri} is read-only: the call without dry_run is refused`
}

/** Files of the new revision, at most: what replaces a file is counted with it. */
function filesOf({ before, keeps, bytes }: PackageWrite): number {
  return bytes.size + (keeps ? (before?.files ?? 0) : 0)
}

/** Throws ToolFailure `read-only` for a registry that is marked so. */
export function refuseReadOnly({ uri, readOnly }: ServedRegistry): void {
  if (readOnly) throw readOnlyFailure(uri)
}

function pushOptions({ message, workflow, copy }: WriteArguments, signal: AbortSignal): PushOptions {
  return {
    signal,
    message: message ?? null,
    ...(workflow === undefined ? {} : { workflow }),
    ...(copy ? {} : { select: 'none' })
  }
}

async function compare(
  registry: ServedRegistry,
  before: Manifest | undefined,
  hash: string,
  changes: Changes,
  { signal }: ToolContext
): Promise<void> {
  const after = await registry.open(hash, { signal })
  try {
    if (before === undefined) {
      for await (const batch of after.keys({ signal }))
        for (const { logicalKey } of batch) changes.add('added', logicalKey)
      return
    }
    const changed = new Set<string>()
    for await (const batch of differences(before, after, { signal }))
      for (const { kind, logicalKey } of batch) {
        changes.add(kind === 'deleted' ? 'removed' : kind, logicalKey)
        changed.add(logicalKey)
      }
    for await (const batch of after.keys({ signal }))
      for (const { logicalKey } of batch) if (!changed.has(logicalKey)) changes.add('kept', logicalKey)
  } finally {
    await after.close()
  }
}

/** What a push would change, by keys: a file that is set again counts as modified, since its bytes are not read. */
async function foresee({ builder, before }: PackageWrite, changes: Changes): Promise<void> {
  const gone = new Map<string, Entry>()
  if (before !== undefined) for await (const entry of before.entries()) gone.set(entry.logicalKey, entry)
  for await (const { logicalKey, source, meta } of builder.entries()) {
    const old = gone.get(logicalKey)
    gone.delete(logicalKey)
    const isSame =
      old !== undefined && 'record' in source && sameEntry(source, old) && meta === source.record.meta
    changes.add(old === undefined ? 'added' : isSame ? 'kept' : 'modified', logicalKey)
  }
  for (const key of gone.keys()) changes.add('removed', key)
}

function sameEntry(a: Entry, b: Entry): boolean {
  return a.size === b.size && a.hash?.type === b.hash?.type && a.hash?.value === b.hash?.value
}

/** Changes by kind: all counted, the first named. */
class Changes {
  readonly #keys: Record<ChangeKind, string[]> = { added: [], modified: [], removed: [], kept: [] }
  readonly #counts: Record<ChangeKind, number> = { added: 0, modified: 0, removed: 0, kept: 0 }

  add(kind: ChangeKind, key: string): void {
    this.#counts[kind]++
    if (this.#keys[kind].length < maxKeys) this.#keys[kind].push(shownKey(key).shown ?? key)
  }

  result(): Pick<Written, 'counts' | ChangeKind> {
    return { counts: { ...this.#counts }, ...this.#keys }
  }

  text(): string {
    const { added, modified, removed, kept } = this.#counts
    return `${String(added)} added, ${String(modified)} modified, ${String(removed)} removed, ${String(kept)} kept`
  }
}

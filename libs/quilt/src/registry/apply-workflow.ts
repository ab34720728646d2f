import { QuiltError } from '../error.ts'
import { emptyObject, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import type { CallOptions } from '../types.ts'
import type { FoundConfig } from '../workflows/check-workflow.ts'
import type { ReadObject } from '../workflows/schemas.ts'
import { bytesOf } from './entry-bytes.ts'
import { workflowConfigKey } from './layout.ts'
import { isEntry, type PackageBuilder, type PendingEntry } from './package-builder.ts'
import type { BuildOptions } from './package-writer.ts'
import type { RegistryPlace } from './registry-place.ts'

/** Bytes of the largest configuration or schema that is read. */
const maxBytes = 1024 * 1024

/**
 * Checks a package against the workflow that a push asks for. Returns the `workflow` field of the header; undefined where
 * the registry has no workflows. Throws `workflow-failed`, `workflow-config-invalid`.
 */
export async function applyWorkflow(
  place: RegistryPlace,
  builder: PackageBuilder,
  name: string,
  { message = null, workflow, signal }: BuildOptions
): Promise<JsonObject | undefined> {
  const options = signal === undefined ? {} : { signal }
  const candidate = {
    name,
    message,
    userMeta: builder.userMeta,
    entries: () => entriesOf(place, builder, options)
  }
  const found = await findConfig(place, options)
  if (found === undefined && (workflow === undefined || workflow === null)) return undefined
  // Most registries have no workflows, and reading YAML has to be loaded.
  const { checkWorkflow } = await import('../workflows/check-workflow.ts')
  return await checkWorkflow(
    found,
    workflow,
    candidate,
    reader(place),
    (task) => place.workers.run(task, signal),
    options
  )
}

async function findConfig(place: RegistryPlace, options: CallOptions): Promise<FoundConfig | undefined> {
  const head = await place.store.head(workflowConfigKey, options)
  if (head === undefined) return undefined
  const version = head.versionId === undefined ? {} : { versionId: head.versionId }
  return {
    bytes: await place.store.get(workflowConfigKey, { ...options, ...version, end: maxBytes + 1 }),
    physicalKey: await place.address(workflowConfigKey, head.versionId)
  }
}

/** Reads what the registry may read, and pins the version. */
function reader(place: RegistryPlace): ReadObject {
  return async (physicalKey, options) => {
    const { store, key, versionId } = await place.locate(physicalKey)
    const asked = versionId === undefined ? {} : { versionId }
    const head = await store.head(key, { ...options, ...asked })
    if (head === undefined || head.size > maxBytes)
      throw new QuiltError(
        'object-not-found',
        `there is no schema of at most 1 MiB at ${formatPhysicalKey(physicalKey)}`
      )
    const found = head.versionId === undefined ? asked : { versionId: head.versionId }
    const bytes = await store.get(key, { ...options, ...found })
    return { bytes, physicalKey: physicalKey.kind === 's3' ? { ...physicalKey, ...found } : physicalKey }
  }
}

async function* entriesOf(
  place: RegistryPlace,
  builder: PackageBuilder,
  options: CallOptions
): AsyncGenerator<JsonValue> {
  for await (const entry of builder.entries()) yield await described(place, entry, options)
}

/** An entry as the schema of a workflow sees it. */
async function described(
  place: RegistryPlace,
  entry: PendingEntry,
  options: CallOptions
): Promise<JsonValue> {
  const { source, logicalKey, meta } = entry
  const size = isEntry(source)
    ? source.record.size
    : BigInt((await bytesOf(source, place.locate, options)).size)
  const userMeta = isJsonObject(meta) ? meta.get('user_meta') : undefined
  return new Map<string, JsonValue>([
    ['logical_key', logicalKey],
    ['size', size],
    ['meta', userMeta ?? emptyObject]
  ])
}

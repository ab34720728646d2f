import {
  formatPhysicalKey,
  formatQuiltUri,
  parsePhysicalKey,
  type ObjectStore,
  type PhysicalKey
} from '@fast-mcp/quilt'
import type { ServedRegistry } from '../registries.ts'
import type { ToolContext } from './tool.ts'
import { ToolFailure } from './tool-failure.ts'

/** The registry that a call means, as the caller reaches it. Throws ToolFailure `registry-unknown`. */
export function registryOf(context: ToolContext, uri: string | undefined): Promise<ServedRegistry> {
  return context.services.registries.get(uri, context)
}

/** An object, or the beginning of keys, in the bucket or folder of a registry that is served. */
export interface Place {
  readonly registry: ServedRegistry
  readonly store: ObjectStore
  readonly key: string
  readonly versionId: string | undefined
}

/**
 * Where an address leads: `s3://bucket/key`, with `?versionId=` or without, or `file:///path`. Only buckets and folders
 * that are served are used, whatever else the server's credentials may open. Throws ToolFailure `invalid-address`,
 * `registry-unknown` for another bucket, `outside-root` for another file of the machine.
 */
export async function locate(context: ToolContext, address: string): Promise<Place> {
  const found = parseAddress(address)
  if (found.kind === 's3') {
    const registry = await registryOf(context, `s3://${found.bucket}`)
    return { registry, store: await registry.store(), key: found.key, versionId: found.versionId }
  }
  for (const registry of await context.services.registries.all(context)) {
    const root = rootOf(registry)
    if (root === undefined || !(found.path === root || found.path.startsWith(`${root}/`))) continue
    const key = found.path.slice(root.length + 1)
    return { registry, store: await registry.store(), key, versionId: undefined }
  }
  throw new ToolFailure('outside-root', 'this server may not use that file of its machine', {
    next: 'Use a folder of QUILT_REGISTRIES; to publish another one, start the server with it there, marked read-only.'
  })
}

function parseAddress(address: string): PhysicalKey {
  try {
    return parsePhysicalKey(address)
  } catch (error) {
    throw new ToolFailure('invalid-address', 'the address is neither s3://bucket/key nor file:///path', {
      next: 'Write it as s3://bucket/key, percent-encoded, with ?versionId= where a version is meant.',
      cause: error
    })
  }
}

/** The folder that a local registry says it is; undefined for a bucket. */
function rootOf({ uri }: ServedRegistry): string | undefined {
  const key = parsePhysicalKey(uri)
  return key.kind === 'file' ? key.path.replace(/\/$/, '') : undefined
}

/** The address of a key in a registry's bucket or folder. */
export function addressOf(registry: ServedRegistry, key: string, versionId?: string): string {
  return formatPhysicalKey(physicalKeyIn(registry, key, versionId))
}

/** The physical key of a key in a registry's bucket or folder. */
export function physicalKeyIn({ uri }: ServedRegistry, key: string, versionId?: string): PhysicalKey {
  const root = parsePhysicalKey(uri)
  return root.kind === 'file'
    ? { kind: 'file', path: `${root.path.replace(/\/$/, '')}/${key}` }
    : { kind: 's3', bucket: root.bucket, key, versionId }
}

/** The quilt+s3:// or quilt+file:// address of a package, a revision of it, or a path in it. */
export function packageUri(registry: string, name: string, hash?: string, path?: string): string {
  return formatQuiltUri({ registry, packageName: name, hash, tag: undefined, path, catalog: undefined })
}

import { CodedError } from '@fast-mcp/errors'
import { openRegistry, openStore, type ObjectStore, type S3Options } from '@fast-mcp/quilt'
import { stat } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Backend, Caller } from './backends/backend.ts'
import { localBackend } from './backends/local-backend.ts'
import { s3Backend } from './backends/s3-backend.ts'
import { serveRegistry } from './backends/serve-registry.ts'
import { createStack, type Stack } from './backends/stack/stack-backend.ts'
import { StackRegistries } from './backends/stack/stack-registries.ts'
import { unsignedStore } from './backends/unsigned-store.ts'
import type { Config } from './config.ts'
import type { Principal } from './principal.ts'
import { createRegistries, type Registries, type RegistryEntry, type ServedRegistry } from './registries.ts'
import type { BucketAccess, RegistrySetting } from './registry-setting.ts'
import { sampleUri } from './sample-root.ts'
import { searchIndexes, type SearchIndexes } from './search-indexes.ts'
import { sharedMeans, type SharedMeans } from './shared-means.ts'

export interface Opened {
  readonly registries: Registries
  readonly backends: readonly Backend[]
  readonly searchIndexes: SearchIndexes
  /** Undefined where none is configured. */
  readonly stack: Stack | undefined
  /** The sample registry is the one served. */
  readonly sample: boolean
  /** Gives up connections, which would keep the process alive. */
  close(): Promise<void>
}

/**
 * Opens what the configuration names: registries, a stack, or with neither the sample registry. Buckets are the stack's
 * where there is one, unless they have a way of their own. Throws CodedError `invalid-environment` for what is not there.
 */
export async function openRegistries(
  config: Pick<Config, 'registries' | 'sample' | 'stack'>
): Promise<Opened> {
  const { registries: settings = [] } = config
  const closers: (() => void | Promise<void>)[] = []
  const means = sharedMeans()
  const stack = config.stack === undefined ? undefined : createStack(config.stack)
  const stackBuckets = stack === undefined ? undefined : new StackRegistries(stack, means)
  const isOpenTo = (principal: Principal): boolean => stack?.hasToken(principal) === true
  const sample = settings.length === 0 && stack === undefined
  const isOfStack = ({ uri, access }: RegistrySetting): boolean =>
    stack !== undefined && uri.startsWith('s3:') && access === undefined
  const folders = settings.filter(({ uri }) => !uri.startsWith('s3:')).map(({ uri }) => uri)
  const buckets = settings.filter((setting) => setting.uri.startsWith('s3:') && !isOfStack(setting))
  const backends = { local: localBackend(sample ? [sampleUri] : folders), s3: s3Backend(buckets) }
  const entries = sample
    ? [fixed(await openSample(config.sample, backends.local, means, closers))]
    : await Promise.all(
        settings.map(async (setting): Promise<RegistryEntry> => {
          if (stackBuckets === undefined || !isOfStack(setting))
            return fixed(await open(setting, backends, means, closers))
          const { uri, readOnly } = setting
          return { uri, isOpenTo, of: (caller) => stackBuckets.get(uri, readOnly, caller) }
        })
      )
  const more =
    stack === undefined || stackBuckets === undefined
      ? undefined
      : {
          isOpenTo,
          uris: async (caller: Caller) => (await stack.buckets(caller)).map(({ uri }) => uri),
          of: (uri: string, caller: Caller) => stackBuckets.get(uri, false, caller)
        }
  return {
    registries: createRegistries(entries, more),
    backends: [
      ...(sample || folders.length > 0 ? [backends.local] : []),
      ...(buckets.length > 0 ? [backends.s3] : []),
      ...(stack === undefined ? [] : [stack])
    ],
    searchIndexes: searchIndexes(means),
    stack,
    sample,
    close: async () => {
      await Promise.all([...closers.map((close) => close()), stackBuckets?.close()])
      await means.workers.close()
    }
  }
}

interface Backends {
  readonly local: Backend
  readonly s3: Backend
}

/** The same registry for every caller. */
function fixed(registry: ServedRegistry): RegistryEntry {
  return { uri: registry.uri, isOpenTo: () => true, of: () => Promise.resolve(registry) }
}

/** The sample registry in a folder, by default the one of the built server. Its examples must stay true, so it is read-only. */
async function openSample(
  folder: string | undefined,
  backend: Backend,
  means: SharedMeans,
  closers: (() => void | Promise<void>)[]
): Promise<ServedRegistry> {
  // the program is in chunks, which have a folder of their own
  const path = folder ?? fileURLToPath(new URL('../sample', import.meta.url))
  if (!(await isFolder(`${path}/.quilt`)))
    throw new CodedError('invalid-environment', `there is no sample registry in ${path}`, {
      remedy:
        'Set QUILT_REGISTRIES to registries of your own, or build the sample (npx nx run mcp-server:sample) and set SAMPLE to its folder.'
    })
  const uri = pathToFileURL(path).href
  const registry = openRegistry(uri, { recordedAt: sampleUri, ...means })
  closers.push(() => registry.close())
  return serveRegistry(registry, {
    backend,
    readOnly: true,
    uri: sampleUri,
    openStore: () => objects(uri, {}, closers)
  })
}

async function open(
  { uri, readOnly, access }: RegistrySetting,
  backends: Backends,
  means: SharedMeans,
  closers: (() => void | Promise<void>)[]
): Promise<ServedRegistry> {
  if (!uri.startsWith('s3:')) {
    if (!(await isFolder(fileURLToPath(uri))))
      throw new CodedError('invalid-environment', `QUILT_REGISTRIES names ${uri}, which is no folder`, {
        remedy: 'Correct the path; in a container, mount the folder there.'
      })
    const openStore = (): Promise<ObjectStore> => objects(uri, {}, closers)
    const registry = openRegistry(uri, means)
    closers.push(() => registry.close())
    return serveRegistry(registry, { backend: backends.local, readOnly, openStore })
  }
  const s3 = access === undefined ? {} : s3Options(access)
  const registry = openRegistry(uri, { s3, ...means })
  closers.push(() => registry.close())
  return serveRegistry(registry, {
    backend: backends.s3,
    readOnly,
    openStore: async () => {
      const store = await objects(uri, s3, closers)
      return access?.anonymous === true ? unsignedStore(store) : store
    }
  })
}

function s3Options({ anonymous, profile, region, endpoint }: BucketAccess): S3Options {
  return {
    anonymous,
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint })
  }
}

async function objects(
  uri: string,
  s3: S3Options,
  closers: (() => void | Promise<void>)[]
): Promise<ObjectStore> {
  const { store, close } = await openStore(uri, s3)
  closers.push(close)
  return store
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

import { CodedError } from '@fast-mcp/errors'
import { openRegistry, openStore, type ObjectStore, type S3Options } from '@fast-mcp/quilt'
import { stat } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Backend } from './backends/backend.ts'
import { localBackend } from './backends/local-backend.ts'
import { s3Backend } from './backends/s3-backend.ts'
import { serveRegistry } from './backends/serve-registry.ts'
import { unsignedStore } from './backends/unsigned-store.ts'
import type { Config } from './config.ts'
import { fixedRegistries, type Registries, type ServedRegistry } from './registries.ts'
import type { BucketAccess, RegistrySetting } from './registry-setting.ts'
import { sampleUri } from './sample-root.ts'

export interface Opened {
  readonly registries: Registries
  readonly backends: readonly Backend[]
  /** The sample registry is the one served. */
  readonly sample: boolean
  /** Gives up connections, which would keep the process alive. */
  close(): Promise<void>
}

/** Opens what the configuration names, or the sample registry. Throws CodedError `invalid-environment` for what is not there. */
export async function openRegistries(config: Pick<Config, 'registries' | 'sample'>): Promise<Opened> {
  const closers: (() => void | Promise<void>)[] = []
  const [first, ...more] = config.registries ?? []
  const backends = backendsOf(config.registries ?? [])
  const all: readonly [ServedRegistry, ...ServedRegistry[]] =
    first === undefined
      ? [await openSample(config.sample, backends.local, closers)]
      : [
          await open(first, backends, closers),
          ...(await Promise.all(more.map((setting) => open(setting, backends, closers))))
        ]
  return {
    registries: fixedRegistries(all),
    backends: [...new Set(all.map(({ backend }) => backend))],
    sample: first === undefined,
    close: async () => {
      await Promise.all([...all.map((registry) => registry.close()), ...closers.map((close) => close())])
    }
  }
}

interface Backends {
  readonly local: Backend
  readonly s3: Backend
}

function backendsOf(settings: readonly RegistrySetting[]): Backends {
  const folders = settings.filter(({ uri }) => !uri.startsWith('s3:')).map(({ uri }) => uri)
  return {
    local: localBackend(settings.length === 0 ? [sampleUri] : folders),
    s3: s3Backend(settings.filter(({ uri }) => uri.startsWith('s3:')))
  }
}

/** The sample registry in a folder, by default the one beside the program. Its examples must stay true, so it is read-only. */
async function openSample(
  folder: string | undefined,
  backend: Backend,
  closers: (() => void)[]
): Promise<ServedRegistry> {
  const path = folder ?? fileURLToPath(new URL('./sample', import.meta.url))
  if (!(await isFolder(`${path}/.quilt`)))
    throw new CodedError('invalid-environment', `there is no sample registry in ${path}`, {
      remedy:
        'Set QUILT_REGISTRIES to registries of your own, or build the sample (npx nx run mcp-server:sample) and set SAMPLE to its folder.'
    })
  const uri = pathToFileURL(path).href
  return serveRegistry(openRegistry(uri, { recordedAt: sampleUri }), {
    backend,
    readOnly: true,
    uri: sampleUri,
    openStore: () => objects(uri, {}, closers)
  })
}

async function open(
  { uri, readOnly, access }: RegistrySetting,
  backends: Backends,
  closers: (() => void)[]
): Promise<ServedRegistry> {
  if (!uri.startsWith('s3:')) {
    if (!(await isFolder(fileURLToPath(uri))))
      throw new CodedError('invalid-environment', `QUILT_REGISTRIES names ${uri}, which is no folder`, {
        remedy: 'Correct the path; in a container, mount the folder there.'
      })
    const openStore = (): Promise<ObjectStore> => objects(uri, {}, closers)
    return serveRegistry(openRegistry(uri), { backend: backends.local, readOnly, openStore })
  }
  const s3 = access === undefined ? {} : s3Options(access)
  return serveRegistry(openRegistry(uri, { s3 }), {
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

async function objects(uri: string, s3: S3Options, closers: (() => void)[]): Promise<ObjectStore> {
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

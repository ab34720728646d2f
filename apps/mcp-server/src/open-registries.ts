import { CodedError } from '@fast-mcp/errors'
import { isQuiltError, openRegistry, type Registry } from '@fast-mcp/quilt'
import { stat } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Config } from './config.ts'
import { registries, type Registries } from './registries.ts'
import { sampleUri } from './sample-root.ts'

export interface Opened {
  readonly registries: Registries
  /** The sample registry is the one served. */
  readonly sample: boolean
  /** Gives up connections, which would keep the process alive. */
  close(): Promise<void>
}

/** Opens what the configuration names, or the sample registry. Throws CodedError `invalid-environment` for what is not there. */
export async function openRegistries(config: Pick<Config, 'registries' | 'sample'>): Promise<Opened> {
  const [first, ...more] = config.registries ?? []
  const [opened, ...others] =
    first === undefined
      ? [await openSample(config.sample)]
      : [await open(first), ...(await Promise.all(more.map(open)))]
  return {
    registries: registries([opened, ...others]),
    sample: first === undefined,
    close: async () => {
      await Promise.all([opened, ...others].map((registry) => registry.close()))
    }
  }
}

/** A registry that can be closed. */
interface Closable extends Registry {
  close(): Promise<void>
}

/** The sample registry in a folder, by default the one beside the program. */
async function openSample(folder: string | undefined): Promise<Closable> {
  const path = folder ?? fileURLToPath(new URL('./sample', import.meta.url))
  if (!(await isFolder(`${path}/.quilt`)))
    throw new CodedError('invalid-environment', `there is no sample registry in ${path}`, {
      remedy:
        'Set QUILT_REGISTRIES to registries of your own, or build the sample (npx nx run mcp-server:sample) and set SAMPLE to its folder.'
    })
  const uri = pathToFileURL(path).href
  return named(sampleUri, openRegistry(uri, { recordedAt: sampleUri }))
}

async function open(uri: string): Promise<Closable> {
  if (uri.startsWith('file:') && !(await isFolder(fileURLToPath(uri))))
    throw new CodedError('invalid-environment', `QUILT_REGISTRIES names ${uri}, which is no folder`, {
      remedy: 'Correct the path; in a container, mount the folder there.'
    })
  try {
    return openRegistry(uri)
  } catch (error) {
    if (!isQuiltError(error)) throw error
    throw new CodedError('invalid-environment', `QUILT_REGISTRIES names ${uri}: ${error.message}`, {
      remedy: error.remedy,
      cause: error
    })
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

/** A registry under another name. */
function named(uri: string, registry: Closable): Closable {
  return {
    uri,
    packages: (options) => registry.packages(options),
    revisions: (name, options) => registry.revisions(name, options),
    resolve: (name, selector, options) => registry.resolve(name, selector, options),
    open: (topHash, options) => registry.open(topHash, options),
    read: (entry, range, options) => registry.read(entry, range, options),
    close: () => registry.close()
  }
}

/**
 * Where a registry keeps its own files. Source: quilt3 8.0.0, backends/base.py: version 1 (the usual one) has one
 * folder of manifests for all packages, version 2 one for each, and no pointers but tags.
 */
export interface Layout {
  readonly version: 1 | 2
  manifestKey(name: string, topHash: string): string
  /** Prefix of the keys of the manifests that a hash of the package may mean. */
  manifestsPrefix(name: string): string
  /** The top hash in the key of a manifest, given without `manifestsPrefix`; undefined where it is no such key. */
  topHashOf(rest: string): string | undefined
  pointersPrefix(name: string): string
}

/** The pointer that is opened where nothing else is asked for. */
export const latest = 'latest'

export const workflowConfigKey = '.quilt/workflows/config.yml'

/** Prefix of the pointers of all packages of version 1. */
export const namedPackages = '.quilt/named_packages/'

/** Prefix of the manifests of all packages of version 2, in one folder for each package. */
export const manifestFolders = '.quilt/v2/manifests/'

/** Prefix of the tags of all packages of version 2, in one folder for each package. */
export const tagFolders = '.quilt/v2/tags/'

const topHash = /^[0-9a-f]{64}$/
const versionTwoManifest = /^([0-9a-f]{64})\/manifest\.jsonl$/

export const layouts: Readonly<Record<1 | 2, Layout>> = {
  1: {
    version: 1,
    manifestKey: (_, hash) => `.quilt/packages/${hash}`,
    manifestsPrefix: () => '.quilt/packages/',
    topHashOf: (rest) => (topHash.test(rest) ? rest : undefined),
    pointersPrefix: (name) => `${namedPackages}${name}/`
  },
  2: {
    version: 2,
    manifestKey: (name, hash) => `${manifestFolders}${folderOf(name)}/${hash}/manifest.jsonl`,
    manifestsPrefix: (name) => `${manifestFolders}${folderOf(name)}/`,
    topHashOf: (rest) => versionTwoManifest.exec(rest)?.[1],
    pointersPrefix: (name) => `${tagFolders}${folderOf(name)}/`
  }
}

/** The folder that version 2 keeps a package's files in: the name with `@` for the slash. */
function folderOf(name: string): string {
  return name.replaceAll('/', '@')
}

/** The package whose files version 2 keeps in that folder. */
export function packageOf(folder: string): string {
  return folder.replaceAll('@', '/')
}

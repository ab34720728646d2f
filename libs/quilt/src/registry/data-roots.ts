import { realpath } from 'node:fs/promises'
import { normalize } from 'node:path'

import { QuiltError } from '../error.ts'
import { fileError, isMissing } from '../store/file-errors.ts'
import { isInside } from '../store/inside-root.ts'
import { LocalStore } from '../store/local-store.ts'
import type { ObjectSource, ObjectStore } from '../store/object-store.ts'

/** A folder that entries may name files of, and under which paths manifests may know it. */
export interface DataRoot {
  /** Absolute path of the folder. */
  readonly path: string
  /** Where the folder was when manifests were written. @default where it is */
  readonly recordedAt?: string
}

/** Where an object is: a store and a key in it. */
export interface Located extends Omit<ObjectSource, 'store'> {
  readonly store: ObjectStore
}

/** Finds files that manifests of a local registry name, and refuses every other file of the machine. */
export class DataRoots {
  readonly #roots: readonly { readonly store: LocalStore; readonly root: DataRoot }[]

  constructor(roots: readonly DataRoot[]) {
    this.#roots = roots.map((root) => ({ root, store: new LocalStore(root.path) }))
  }

  /** Throws `outside-root` for a path below none of the roots. */
  async locate(path: string): Promise<Located> {
    const normal = normalize(path)
    for (const { root, store } of this.#roots)
      for (const start of await namesOf(root))
        if (normal !== start && isInside(start, normal))
          return { store, key: normal.slice(start.endsWith('/') ? start.length : start.length + 1) }
    throw new QuiltError('outside-root', `${path} is outside of the folders that this registry reads`, {
      where: path
    })
  }
}

/** The paths that mean the root: the one recorded first, since it may lie where another root is now. */
async function namesOf(root: DataRoot): Promise<readonly string[]> {
  const names = [...(root.recordedAt === undefined ? [] : [root.recordedAt]), root.path].map(
    withoutFinalSlash
  )
  try {
    return [...names, await realpath(root.path)]
  } catch (error) {
    if (isMissing(error)) return names
    throw fileError(error, root.path)
  }
}

function withoutFinalSlash(path: string): string {
  const normal = normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

import { QuiltError, quoted } from '../error.ts'

/** The path of a folder as the library knows it: `''` for the root, else with a final `/`. */
export function folderPath(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`
}

/** The error for a folder that a package does not have. */
export function folderNotFound(path: string): QuiltError {
  return new QuiltError('folder-not-found', `the package has no folder ${quoted(path)}`, { key: path })
}

import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Requirement } from './requirements.ts'

/** Debian keeps some programs where the PATH of an ordinary user does not lead. */
const systemFolders = ['/usr/sbin', '/sbin']

/** The requirements that are not met, none of whose programs is there. `path` is the value of PATH. */
export function missing(required: readonly Requirement[], path: string): readonly Requirement[] {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...systemFolders]
  return required.filter(
    ({ programs }) =>
      !programs.some((program) =>
        isAbsolute(program)
          ? isExecutable(program)
          : folders.some((folder) => isExecutable(join(folder, program)))
      )
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

import { readFile } from 'node:fs/promises'
import { errorCode } from './error-code.ts'

/** A file's text, or undefined where there is no file. Throws what node:fs throws otherwise. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
}

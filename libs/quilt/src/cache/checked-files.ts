import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { fromSystemError, isQuiltError } from '../error.ts'
import type { CacheFolder } from './cache-folder.ts'

/** Names that are remembered to be intact. */
const maxRemembered = 1000

/**
 * Files of a cache folder that are used where they lie. Beside each is its checksum, so that one which somebody else
 * wrote to, or a disk lost a bit of, is not used: a process looks at each once, and at what it wrote itself not at all.
 */
export class CheckedFiles {
  readonly #cache: CacheFolder
  readonly #intact = new Set<string>()

  constructor(cache: CacheFolder) {
    this.#cache = cache
  }

  /** Where the file is; undefined where there is none of that size that is as it was written. Marks it as used. */
  async path(name: string, size: number, signal?: AbortSignal): Promise<string | undefined> {
    if ((await this.#cache.size(name)) !== size) return undefined
    const path = this.#cache.path(name)
    if (!this.#intact.has(name)) {
      const expected = await this.#cache.read(sumOf(name))
      if (expected === undefined || expected.toString() !== (await checksumOf(path, signal))) return undefined
      this.#remember(name)
    }
    return path
  }

  /** Writes a file, whole or not at all, in place of any of that name. `check` is told how many bytes came, and may refuse. */
  async fill(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    check: (size: number) => void
  ): Promise<string> {
    await this.#cache.fill(name, async (file) => {
      await using handle = await open(file, 'wx', 0o600)
      let [size, sum] = [0, 0]
      for await (const chunk of chunks) {
        await handle.writeFile(chunk)
        size += chunk.length
        sum = crc32(chunk, sum)
      }
      check(size)
      await this.#cache.write(sumOf(name), Buffer.from(String(sum)))
    })
    this.#remember(name)
    return this.#cache.path(name)
  }

  #remember(name: string): void {
    const [oldest] = this.#intact
    if (this.#intact.size >= maxRemembered && oldest !== undefined) this.#intact.delete(oldest)
    this.#intact.add(name)
  }
}

function sumOf(name: string): string {
  return `${name}.sum`
}

/** Undefined where the file is gone. */
async function checksumOf(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  let sum = 0
  try {
    const options = { highWaterMark: 256 * 1024, ...(signal === undefined ? {} : { signal }) }
    for await (const chunk of createReadStream(path, options)) sum = crc32(chunk, sum)
  } catch (error) {
    const failure = fromSystemError(error, path)
    if (isQuiltError(failure, 'object-not-found')) return undefined
    throw failure
  }
  return String(sum)
}

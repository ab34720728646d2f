import { randomBytes } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { fileError } from '../store/file-errors.ts'
import type { Body } from '../store/object-store.ts'

/** Manifests up to this size stay in memory until they are stored; larger ones wait in a temporary file. */
const memoryBytes = 8 * 1024 * 1024

/** Holds the bytes of a manifest whose top hash, and so its name, is known only when it is complete. */
export class ManifestSpool implements AsyncDisposable {
  readonly #path = join(tmpdir(), `quilt-manifest-${randomBytes(8).toString('hex')}`)
  #blocks: Uint8Array[] = []
  #held = 0
  #file: FileHandle | undefined

  async write(block: Uint8Array): Promise<void> {
    this.#blocks.push(block)
    this.#held += block.length
    if (this.#held > memoryBytes) await this.#spill()
  }

  /** What was written, as a body to store. Ends the writing. */
  async body(): Promise<Body> {
    if (this.#file === undefined) return Buffer.concat(this.#blocks)
    await this.#spill()
    return { file: this.#path }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#file === undefined) return
    await this.#file.close()
    await rm(this.#path, { force: true })
  }

  async #spill(): Promise<void> {
    try {
      this.#file ??= await open(this.#path, 'wx', 0o600)
      for (const block of this.#blocks) await this.#file.writeFile(block)
    } catch (error) {
      throw fileError(error, this.#path)
    }
    this.#blocks = []
    this.#held = 0
  }
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a container gets from its image. */
export interface ImageDefaults {
  readonly environment: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** Images of a stand-in engine: names in `refs.json`, and for each image its archive, its files and its defaults. */
export class Store {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  get refs(): Readonly<Record<string, string>> {
    const path = join(this.folder, 'refs.json')
    return existsSync(path) ? { ...JSON.parse(readFileSync(path, 'utf8')) } : {}
  }

  imageId(reference: string): string | undefined {
    const known = this.refs
    return (
      known[reference] ?? Object.values(known).find((id) => id === reference || id === `sha256:${reference}`)
    )
  }

  name(reference: string, id: string): void {
    this.#write({ ...this.refs, [reference]: id })
  }

  remove(reference: string): void {
    const id = this.imageId(reference)
    this.#write(Object.fromEntries(Object.entries(this.refs).filter(([, value]) => value !== id)))
  }

  /** Path of an image's archive. */
  archive(id: string): string {
    return join(this.folder, `${id.replace('sha256:', '')}.tar`)
  }

  /** Folder of an image's files. */
  root(id: string): string {
    return join(this.folder, id.replace('sha256:', ''))
  }

  defaults(id: string): ImageDefaults {
    return { environment: {}, labels: {}, ...JSON.parse(readFileSync(`${this.root(id)}.json`, 'utf8')) }
  }

  #write(refs: Readonly<Record<string, string>>): void {
    writeFileSync(join(this.folder, 'refs.json'), JSON.stringify(refs))
  }
}

import { QuiltError } from '../error.ts'
import { checkPackageName, checkTopHash } from '../names.ts'
import type {
  ByteRange,
  CallOptions,
  Entry,
  Manifest,
  ObjectContent,
  PackagesOptions,
  PackageSummary,
  Page,
  PageOptions,
  Revision
} from '../types.ts'
import { addFolder, type FolderSource } from './add-folder.ts'
import { deletePackage, deleteRevision } from './delete-package.ts'
import { manifestFolders, packageOf } from './layout.ts'
import { listPackages } from './list-packages.ts'
import { listRevisions } from './list-revisions.ts'
import { PackageBuilder } from './package-builder.ts'
import type { BuildOptions, Pushed, PushOptions } from './package-writer.ts'
import { build, checkPush, push } from './push.ts'
import type { RegistryPlace } from './registry-place.ts'
import { resolve } from './resolve.ts'
import { deleteTag, rollback, setTag } from './tags.ts'
import type { WritableRegistry } from './writable-registry.ts'

/** A registry in an object store. */
export class StoreRegistry implements WritableRegistry {
  readonly uri: string
  readonly #open: () => Promise<RegistryPlace>
  #opened: Promise<RegistryPlace> | undefined

  /** @param open called once, when the place is first needed: what S3 takes is loaded only then */
  constructor(uri: string, open: () => Promise<RegistryPlace>) {
    this.uri = uri
    this.#open = open
  }

  #place(): Promise<RegistryPlace> {
    return (this.#opened ??= this.#open())
  }

  async packages(options: PackagesOptions): Promise<Page<PackageSummary>> {
    const { store, layout } = await this.#place()
    return await listPackages(store, layout, options)
  }

  async revisions(name: string, options: PageOptions): Promise<Page<Revision>> {
    checkPackageName(name)
    const { store, layout } = await this.#place()
    return await listRevisions(store, layout, name, options)
  }

  async resolve(name: string, selector?: string, options?: CallOptions): Promise<string> {
    const { store, layout } = await this.#place()
    return await resolve(store, layout, name, selector, options)
  }

  /** A registry of version 2 keeps manifests by package: without `name` it has to search for the revision. */
  async open(topHash: string, options: CallOptions & { readonly name?: string } = {}): Promise<Manifest> {
    checkTopHash(topHash)
    const { layout, openManifest } = await this.#place()
    const name = options.name ?? (layout.version === 1 ? '' : await this.#packageOf(topHash, options))
    return await openManifest(layout.manifestKey(name, topHash), topHash, options)
  }

  async read(entry: Entry, range?: ByteRange, options: CallOptions = {}): Promise<ObjectContent> {
    const { store, key, versionId } = await (await this.#place()).locate(entry.physicalKey)
    return await store.read(key, {
      ...options,
      ...(versionId === undefined ? {} : { versionId }),
      ...(range === undefined ? {} : { start: range.offset }),
      ...(range?.length === undefined ? {} : { end: range.offset + range.length })
    })
  }

  newPackage(): PackageBuilder {
    return new PackageBuilder(this)
  }

  async patch(name: string, selector?: string, options?: CallOptions): Promise<PackageBuilder> {
    const topHash = await this.resolve(name, selector, options)
    return new PackageBuilder(this, { name, manifest: await this.open(topHash, { ...options, name }) })
  }

  async rollback(name: string, hash: string, options: CallOptions = {}): Promise<void> {
    const { store, layout } = await this.#place()
    await rollback(store, layout, name, hash, options)
  }

  async setTag(name: string, tag: string, selector: string, options: CallOptions = {}): Promise<void> {
    const { store, layout } = await this.#place()
    await setTag(store, layout, name, tag, selector, options)
  }

  async deleteTag(name: string, tag: string, options: CallOptions = {}): Promise<void> {
    const { store, layout } = await this.#place()
    await deleteTag(store, layout, name, tag, options)
  }

  async deletePackage(name: string, options: CallOptions = {}): Promise<void> {
    const { store, layout } = await this.#place()
    await deletePackage(store, layout, name, options)
  }

  async deleteRevision(name: string, hash: string, options: CallOptions = {}): Promise<void> {
    const { store, layout } = await this.#place()
    await deleteRevision(store, layout, name, hash, options)
  }

  async push(builder: PackageBuilder, name: string, options: PushOptions): Promise<Pushed> {
    return await push(await this.#place(), builder, name, options)
  }

  async check(builder: PackageBuilder, name: string, options: PushOptions = {}): Promise<void> {
    await checkPush(await this.#place(), builder, name, options)
  }

  async build(builder: PackageBuilder, name: string, options: BuildOptions): Promise<Pushed> {
    return await build(await this.#place(), builder, name, options)
  }

  async addFolder(
    builder: PackageBuilder,
    path: string,
    source: FolderSource,
    options: CallOptions
  ): Promise<number> {
    return await addFolder(builder, path, source, (await this.#place()).locate, options)
  }

  async close(): Promise<void> {
    const opened = await this.#opened
    await opened?.close()
  }

  async #packageOf(topHash: string, options: CallOptions): Promise<string> {
    const { store, layout } = await this.#place()
    for (const folder of await store.folders(manifestFolders, options)) {
      const name = packageOf(folder)
      if ((await store.head(layout.manifestKey(name, topHash), options)) !== undefined) return name
    }
    throw new QuiltError('revision-not-found', `there is no revision ${topHash} in ${this.uri}`)
  }
}

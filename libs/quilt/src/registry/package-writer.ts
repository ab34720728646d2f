import type { PutOptions } from '../store/object-store.ts'
import type { CallOptions, Entry, PhysicalKey } from '../types.ts'
import type { FolderSource } from './add-folder.ts'
import type { PackageBuilder, PendingEntry } from './package-builder.ts'

/** Which entries a push copies: a function, or `all`, `none`, `local` (files only), or `new`: what is not in the registry. */
export type Selection =
  | 'new'
  | 'all'
  | 'none'
  | 'local'
  | ((logicalKey: string, source: PendingEntry['source']) => boolean)

/** Where a push copies to: an address that keys are appended to, or one for each key. */
export type Destination = string | ((logicalKey: string, source: PendingEntry['source']) => string)

/** How far a push is with one entry. */
export interface EntryProgress {
  readonly logicalKey: string
  /** Bytes of it that were read or stored so far: a file that has to be read twice is counted twice until it is done. */
  readonly bytes: number
  readonly isDone: boolean
}

export interface BuildOptions extends CallOptions {
  /** The commit message. @default none */
  readonly message?: string | null
  /** Id of a workflow of the registry; null for none. @default the registry's own */
  readonly workflow?: string | null
  /** The time of the revision, for builds that must be repeatable. @default now */
  readonly now?: Date
  /** Told of every entry when it is where it belongs, and of large ones on the way there. */
  readonly onProgress?: (progress: EntryProgress) => void
}

export interface PushOptions extends BuildOptions {
  /** @default 'new' */
  readonly select?: Selection
  /** @default `<registry>/<package name>/` */
  readonly destination?: Destination
  /** Replace the latest revision whatever it is. @default false: `conflict` if the builder does not start from it */
  readonly force?: boolean
  /** Write nothing if the latest revision already has the same top hash. @default false */
  readonly dedupe?: boolean
}

export interface Pushed {
  readonly topHash: string
  /** Name of the revision's pointer; undefined where none was written: `dedupe`, or a registry of version 2. */
  readonly pointer: string | undefined
  /** False where `dedupe` found the same revision to be the latest. */
  readonly written: boolean
}

/** What the data of an entry is brought with. */
export type BringOptions = CallOptions & Pick<PutOptions, 'onBytes'>

/** What a builder calls. */
export interface PackageWriter {
  push(builder: PackageBuilder, name: string, options: PushOptions): Promise<Pushed>
  build(builder: PackageBuilder, name: string, options: BuildOptions): Promise<Pushed>
  addFolder(
    builder: PackageBuilder,
    path: string,
    source: FolderSource,
    options: CallOptions
  ): Promise<number>
}

/** Brings the bytes of entries where they belong, and finds sizes and checksums. One for each kind of store. */
export interface DataWriter {
  /** Whether the default selection leaves the object where it is. */
  holds(key: PhysicalKey): boolean
  /** Copies the bytes of an entry to a physical key and says what it is then. */
  copy(entry: PendingEntry, destination: PhysicalKey, options: BringOptions): Promise<Entry>
  /** The entry as it is, with what it lacks of size, checksum and version. */
  complete(entry: PendingEntry, options: BringOptions): Promise<Entry>
  /** The default destination of a key. */
  destination(name: string, logicalKey: string): PhysicalKey
}

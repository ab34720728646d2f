import type { CallOptions, Registry } from '../types.ts'
import type { PackageBuilder } from './package-builder.ts'
import type { PushOptions } from './package-writer.ts'

/** A registry that packages can be written to. */
export interface WritableRegistry extends Registry {
  /** A builder of a new package. */
  newPackage(): PackageBuilder
  /** A builder that starts from a revision: `latest`, a tag, a top hash or the start of one. Close it after use. */
  patch(name: string, selector?: string, options?: CallOptions): Promise<PackageBuilder>
  /**
   * Whether a push would be refused before it writes anything: by the name, the workflow, or since the latest revision is
   * not one that the builder starts from. Throws what the push would; writes nothing.
   */
  check(builder: PackageBuilder, name: string, options?: PushOptions): Promise<void>
  /** Makes a revision, given by its top hash or 6 to 63 digits of it, the latest one again. */
  rollback(name: string, hash: string, options?: CallOptions): Promise<void>
  /** Gives the revision that a selector means a name. */
  setTag(name: string, tag: string, selector: string, options?: CallOptions): Promise<void>
  deleteTag(name: string, tag: string, options?: CallOptions): Promise<void>
  /** Gives up connections to S3. Nothing can be asked of the registry afterwards. */
  close(): Promise<void>
  /** Removes the package's pointers. Manifests (version 1) and data stay. */
  deletePackage(name: string, options?: CallOptions): Promise<void>
  /** Removes the pointers of one revision; the latest is then the one before. */
  deleteRevision(name: string, hash: string, options?: CallOptions): Promise<void>
}

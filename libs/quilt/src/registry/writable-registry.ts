import type { CallOptions, Registry } from '../types.ts'
import type { PackageBuilder } from './package-builder.ts'

/** A registry that packages can be written to. */
export interface WritableRegistry extends Registry {
  /** A builder of a new package. */
  newPackage(): PackageBuilder
  /** A builder that starts from a revision: `latest`, a tag, a top hash or the start of one. */
  patch(name: string, selector?: string, options?: CallOptions): Promise<PackageBuilder>
}

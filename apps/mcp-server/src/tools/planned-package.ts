import { PackageBuilder, type Manifest } from '@fast-mcp/quilt'

/** A package that is only planned: it takes changes and lists its entries, also where nothing can be written. */
export function plannedPackage(base?: {
  readonly name: string
  readonly manifest: Manifest
}): PackageBuilder {
  return new PackageBuilder({ push: refuse, build: refuse, addFolder: refuse }, base)
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('a planned package is never written'))
}

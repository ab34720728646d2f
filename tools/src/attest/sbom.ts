import type { BasePackage } from '../base-image/base-record.ts'

export interface SbomInput {
  /** Text of THIRD-PARTY-NOTICES.txt, which names every package that the server's bundles hold code of. */
  readonly notices: string
  readonly basePackages: readonly BasePackage[]
  readonly node: string | undefined
  readonly image: { readonly name: string; readonly digest: string; readonly version: string }
  /** ISO 8601. */
  readonly created: string
}

/** A line `name version (licence)` of the notices. */
const noticeLine = /^((?:@[^/\s]+\/)?[^/\s]+) (\d\S*) \((.+)\)$/gm

/**
 * What the image is made of, as CycloneDX 1.6: Node, the npm packages whose code is in the server, as its build found
 * them in the bundles, and the Debian packages of the base.
 *
 * Source: CycloneDX 1.6 JSON reference; package URL specification.
 */
export function sbom({ notices, basePackages, node, image, created }: SbomInput): string {
  const npm = [...notices.matchAll(noticeLine)].map(([, name = '', version = '', license = '']) => ({
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [{ expression: license }]
  }))
  const debian = basePackages.map(({ name, version, architecture }) => ({
    type: 'library',
    name,
    version,
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`
  }))
  const runtime = node === undefined ? [] : [{ type: 'platform', name: 'node', version: node }]
  const unique = new Map([...npm, ...debian].map((component) => [component.purl, component]))
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: created,
      component: { type: 'container', name: image.name, version: image.version, 'bom-ref': image.digest }
    },
    components: [...runtime, ...unique.values()]
  })
}

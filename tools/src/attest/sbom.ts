import { z } from 'zod'
import type { BasePackage } from '../base-image/base-record.ts'

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional()
    })
  )
})

export interface SbomInput {
  /** Text of package-lock.json. */
  readonly lock: string
  readonly basePackages: readonly BasePackage[]
  readonly node: string | undefined
  readonly image: { readonly name: string; readonly digest: string; readonly version: string }
  /** ISO 8601. */
  readonly created: string
}

/**
 * What the image is made of, as CycloneDX 1.6: the npm packages that are no development tools, Node, and the Debian
 * packages of the base. The workspace is installed as one, so npm packages of its other programs are in the list too.
 *
 * Source: CycloneDX 1.6 JSON reference; package URL specification.
 */
export function sbom({ lock, basePackages, node, image, created }: SbomInput): string {
  const npm = Object.entries(lockSchema.parse(JSON.parse(lock)).packages).flatMap(
    ([path, { version, license, dev, link }]) => {
      const name = path.split('node_modules/').at(-1) ?? ''
      if (!path.includes('node_modules/') || dev === true || link === true || version === undefined) return []
      return [
        {
          type: 'library',
          name,
          version,
          purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
          ...(license === undefined ? {} : { licenses: [{ expression: license }] })
        }
      ]
    }
  )
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

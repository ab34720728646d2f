import type { Version } from '@fast-mcp/versioning'

export interface ProvenanceInput {
  readonly image: { readonly name: string; readonly digest: string }
  readonly version: Version
  /** What the build was made from and passed through, each with its digest. */
  readonly materials: readonly { readonly name: string; readonly digest: string }[]
  /** ISO 8601. */
  readonly created: string
}

/**
 * How the image came to be, as an in-toto statement with SLSA provenance 1: the commit, the inputs and the records of
 * the phases before. Source: in-toto Attestation Framework, "Statement" v1; SLSA, "Provenance" v1.
 */
export function provenance({ image, version, materials, created }: ProvenanceInput): string {
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: image.name, digest: { sha256: hex(image.digest) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:fast-mcp-server:pipeline:1',
        externalParameters: { revision: version.fullSha, dirty: version.dirty },
        resolvedDependencies: [
          { uri: 'git+HEAD', digest: { gitCommit: version.fullSha } },
          ...materials.map(({ name, digest }) => ({ uri: name, digest: { sha256: hex(digest) } }))
        ]
      },
      runDetails: {
        builder: { id: 'urn:fast-mcp-server:make' },
        metadata: { invocationId: version.fullSha, finishedOn: created }
      }
    }
  })
}

function hex(digest: string): string {
  return digest.replace(/^sha256:/, '')
}

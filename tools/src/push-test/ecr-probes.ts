import { parseImageReference } from '@fast-mcp/versioning'
import type { Probe } from '@fast-mcp/validation'
import { holds } from '../container-test/image-probes.ts'
import type { ImageRecord } from '../container/image-record.ts'
import type { Login } from '../ecr/login.ts'
import { ecrImage } from '../ecr/registry-account.ts'
import type { PushRecord } from '../push/push-record.ts'

export interface EcrProbeOptions {
  readonly session: Login
  readonly pushed: PushRecord
  readonly tag: string
  readonly image: ImageRecord
  /** What the registry says about labels, platform, user and port. */
  readonly metadata: Probe
}

/** ECR counts layers and configuration; whether the manifest too, it does not say. */
const sizeLeeway = 65_536

/** The checks that ask ECR itself, beside those that ask it as a registry. They take the place of the general ones. */
export function ecrProbes(options: EcrProbeOptions): Record<string, Probe> {
  const { session, pushed, tag, image } = options
  const { repository } = parseImageReference(pushed.reference)
  return {
    'catalog.credentials': () =>
      Promise.resolve({ status: 'passed', evidence: `${session.caller} may use ${pushed.registry}` }),
    'catalog.push': async () => {
      const found = await ecrImage(session.clients, repository, tag)
      const digest = found?.imageDigest ?? 'nothing'
      const size = found?.imageSizeInBytes ?? 0
      return holds(
        digest === pushed.digest &&
          digest === image.manifestDigest &&
          Math.abs(size - image.storedSize) <= sizeLeeway,
        `ECR has ${pushed.reference}: ${digest}, ${megabytes(size)}, pushed ${found?.imagePushedAt?.toISOString() ?? 'some time'}`,
        `ECR has ${digest} under ${tag}, ${megabytes(size)}\npushed  ${pushed.digest}\nbuilt   ${image.manifestDigest}, ${megabytes(image.storedSize)}`
      )
    },
    // Asked by the tag itself: the registry's list of tags would take another permission.
    'catalog.tag': async () => {
      const found = await ecrImage(session.clients, repository, tag)
      const seen = `ECR has ${found?.imageDigest ?? 'nothing'} under ${(found?.imageTags ?? [tag]).join(', ')}`
      return holds(found?.imageDigest === pushed.digest, seen, `${seen}; expected ${pushed.digest}`)
    },
    'catalog.metadata': async (context) => {
      const found = await options.metadata(context)
      if (found.status !== 'passed') return found
      const { differs } = session.repository
      const state = differs.length === 0 ? 'tags are immutable, pushes are scanned' : differs.join('; ')
      return { ...found, evidence: `${found.evidence}; ${state}` }
    }
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

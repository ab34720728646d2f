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
}

/** The checks that ask ECR itself, beside those that ask it as a registry. They take the place of the general ones. */
export function ecrProbes({ session, pushed, tag, image }: EcrProbeOptions): Record<string, Probe> {
  const { repository } = parseImageReference(pushed.reference)
  return {
    'catalog.credentials': () =>
      Promise.resolve({ status: 'passed', evidence: `${session.caller} may use ${pushed.registry}` }),
    'catalog.push': async () => {
      const found = await ecrImage(session.clients, repository, tag)
      const digest = found?.imageDigest ?? 'nothing'
      const size = found?.imageSizeInBytes ?? 0
      return holds(
        digest === pushed.digest && digest === image.manifestDigest,
        `ECR has ${pushed.reference}: ${digest}, ${(size / 1e6).toFixed(1)} MB, pushed ${found?.imagePushedAt?.toISOString() ?? 'some time'}`,
        `ECR has ${digest} under ${tag}\npushed  ${pushed.digest}\nbuilt   ${image.manifestDigest}`
      )
    }
  }
}

import { imageRegistry, type RegistryCredentials } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { formatImageReference, parseImageReference } from '@fast-mcp/versioning'
import { execa } from 'execa'
import type { PushRecord } from '../push/push-record.ts'

/**
 * Whether the image has a signature where cosign 2 keeps it: under a tag, which a second one could not take where tags
 * are immutable. cosign 3 attaches each as a referrer: there another one does no harm.
 *
 * Source: cosign SIGNATURE_SPEC.md, "Tag-based Discovery".
 */
export async function isSigned(
  { reference, registry: host, digest, insecure }: PushRecord,
  credentials: RegistryCredentials | undefined,
  signal: AbortSignal
): Promise<boolean> {
  const { repository } = parseImageReference(reference)
  const tag = `${digest.replace(':', '-')}.sig`
  return (
    (await imageRegistry({ host, insecure, credentials, signal }).manifest(repository, tag)) !== undefined
  )
}

/**
 * Signs the pushed image by its digest with cosign and a key. The key's password is COSIGN_PASSWORD, which cosign reads
 * itself. Throws CodedError `missing-tool` without cosign, `step-failed` with its words where it refuses.
 */
export async function sign(key: string, pushed: PushRecord, authFile: string | undefined): Promise<void> {
  const { registry, repository } = parseImageReference(pushed.reference)
  const image = formatImageReference({ registry, repository, tag: undefined, digest: pushed.digest })
  const result = await execa(
    'cosign',
    ['sign', '--yes', '--key', key, ...(pushed.insecure ? ['--allow-http-registry'] : []), image],
    { reject: false, stdin: 'ignore', env: authFile === undefined ? {} : { REGISTRY_AUTH_FILE: authFile } }
  )
  if (result.code === 'ENOENT')
    throw new CodedError('missing-tool', 'COSIGN_KEY is set and cosign is not on the PATH', {
      remedy: 'Install cosign (https://docs.sigstore.dev), or unset COSIGN_KEY.'
    })
  if (result.exitCode !== 0)
    throw new CodedError('step-failed', `cosign did not sign ${image}`, {
      evidence: result.stderr.split('\n').slice(-20).join('\n'),
      remedy: 'Check COSIGN_KEY and COSIGN_PASSWORD, then run `make catalog` again.'
    })
}

import { prepareEngine, pushArchive, readOciArchive, registryCredentials } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { readPipelineEnvironment, requireRecord, writeAtomically } from '@fast-mcp/validation'
import { readVersion, versionTag } from '@fast-mcp/versioning'
import { join } from 'node:path'
import { archiveFile } from '../container/image-record.ts'
import { attest } from '../attest/attest.ts'
import { isSigned, sign } from '../attest/sign.ts'
import { saidByRegistry } from '../ecr/ecr-refusal.ts'
import { login } from '../ecr/login.ts'
import { destination, requireCommitted } from './destination.ts'
import { pushRecordFile, type PushRecord } from './push-record.ts'

export interface PushOptions {
  readonly workspace: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly write: (text: string) => unknown
}

/**
 * Pushes the image of this commit, as phase build tried it, attaches what it is made of and how, signs it where a key
 * is set, and writes where it is. Quick where the registry has it all.
 * Checks first that nothing uncommitted goes to ECR_REGISTRY, that phase build passed for this commit, and that the
 * archive is the one it tried.
 */
export async function push({
  workspace,
  environment: variables,
  signal,
  write
}: PushOptions): Promise<PushRecord> {
  const settings = readPipelineEnvironment(variables)
  const version = await readVersion(workspace)
  if (settings.ECR_REGISTRY !== undefined) requireCommitted(version, settings.ECR_REGISTRY)
  const build = await requireRecord(workspace, 'build', version)
  const archive = join(workspace, archiveFile)
  const tried = build.outputs.find(({ kind }) => kind === 'image')?.digest
  const { manifestDigest } = await readOciArchive(archive)
  if (manifestDigest !== tried)
    throw new CodedError('output-changed', `${archiveFile} is not the image that phase build tried`, {
      evidence: `recorded ${tried ?? 'none'}\nfound    ${manifestDigest}`,
      remedy: 'Run `make build`.'
    })
  const { registry, reference, insecure } = await destination(workspace, settings, version, signal)
  const started = performance.now()
  const session = await login({ workspace, registry, repository: settings.ECR_REPOSITORY })
  if (session !== undefined) {
    for (const sentence of session.repository.differs) write(`${sentence}\n`)
    const { ecrImage, requireFreeTag } = await import('../ecr/registry-account.ts')
    const tag = versionTag(version)
    requireFreeTag(await ecrImage(session.clients, settings.ECR_REPOSITORY, tag), tag, manifestDigest)
  }
  const environment = await prepareEngine(workspace)
  const { digest, pushed } = await saidByRegistry(() =>
    pushArchive({ archive, reference, insecure, authFile: session?.authFile, environment, signal })
  )
  const record: PushRecord = { reference, digest, registry, insecure }
  const credentials = await registryCredentials(registry, session?.authFile)
  await saidByRegistry(() => attest({ workspace, version, pushed: record, credentials, signal }))
  if (settings.COSIGN_KEY !== undefined && !(await isSigned(record, credentials, signal)))
    await sign(settings.COSIGN_KEY, record, session?.authFile)
  await writeAtomically(join(workspace, pushRecordFile), `${JSON.stringify(record, undefined, 2)}\n`)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  write(
    pushed
      ? `pushed ${reference} in ${seconds} s: ${digest}\n`
      : `push ${reference}: nothing to do, the registry has ${digest}\n`
  )
  return record
}

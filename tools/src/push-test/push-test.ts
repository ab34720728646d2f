import {
  imageRegistry,
  isolatedStore,
  prepareEngine,
  registryCredentials,
  removeStoreFolder,
  type ImageRegistry
} from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import {
  deploymentTarget,
  readPipelineEnvironment,
  requireRecord,
  runPhase,
  type PhaseRecord
} from '@fast-mcp/validation'
import { formatImageReference, parseImageReference, readVersion, versionTag } from '@fast-mcp/versioning'
import { join } from 'node:path'
import { containerName, leftBehind } from '../container-test/container-name.ts'
import { sayStanding, standingRecord, type PhaseProgramOptions } from '../container-test/standing-record.ts'
import { readImageRecord } from '../container/image-record.ts'
import { login } from '../ecr/login.ts'
import { registryEngine } from '../ecr/registry-engine.ts'
import { readPushRecord, type PushRecord } from '../push/push-record.ts'
import { pullProbes } from './pull-probes.ts'
import { registryProbes } from './registry-probes.ts'

/**
 * Tries the image in the registry, pulls it into an empty store and runs it, and writes the record of phase catalog.
 * Says so and does nothing where the record stands and the registry still has the image. Leaves nothing running or
 * stored when all checks pass.
 */
export async function pushTest(options: PhaseProgramOptions): Promise<PhaseRecord> {
  const { workspace, environment, signal, write, json, isTTY } = options
  const settings = readPipelineEnvironment(environment)
  const target = deploymentTarget(settings)
  const version = await readVersion(workspace)
  const build = await requireRecord(workspace, 'build', version)
  const [pushed, image] = await Promise.all([readPushRecord(workspace), readImageRecord(workspace)])
  const { repository, tag, registry: host } = parseImageReference(pushed.reference)
  const session = await login({ workspace, registry: pushed.registry, repository: settings.ECR_REPOSITORY })
  const credentials = await registryCredentials(pushed.registry, session?.authFile)
  const registry = imageRegistry({ host: pushed.registry, insecure: pushed.insecure, credentials, signal })
  const standing = await standingRecord(options, 'catalog', version, target)
  if (standing !== undefined && (await stillThere(registry, pushed, standing)))
    return sayStanding(options, standing)

  const folder = join(workspace, '.local', 'push-test')
  const name = containerName(workspace, 'catalog')
  const store = await isolatedStore(await prepareEngine(workspace), folder)
  const engine = await registryEngine({
    workspace,
    settings,
    registry: pushed.registry,
    session,
    environment: store
  })
  const reference = formatImageReference({
    registry: host,
    repository,
    tag: undefined,
    digest: pushed.digest
  })
  const clear = async (): Promise<void> => {
    await engine.remove(name)
    if (engine.kind === 'podman') await removeStoreFolder(folder)
  }
  // What a failed test has left would make the store one that is not empty.
  await clear()
  await isolatedStore(store, folder)
  const region = settings.CDK_DEFAULT_REGION
  const general = registryProbes({ target, version, image, pushed, registry, credentials, region })
  const details: Record<string, unknown> = { compressedBytes: image.storedSize }
  try {
    const record = await runPhase({
      workspace,
      phase: 'catalog',
      target,
      version,
      inputs: build.outputs,
      outputs: [{ name: 'image', kind: 'image', location: pushed.reference, digest: pushed.digest }],
      probes: {
        ...general,
        ...(session === undefined
          ? {}
          : (await import('./ecr-probes.ts')).ecrProbes({
              session,
              pushed,
              tag: versionTag(version),
              image,
              metadata: general['catalog.metadata']
            })),
        ...pullProbes({
          engine,
          version,
          image,
          reference,
          insecure: pushed.insecure,
          name,
          onStart: ({ healthyMs }) => {
            details['readyMs'] = healthyMs
          },
          onEndpoint: (report) => {
            details['endpoint'] = report
          }
        })
      },
      details,
      json,
      signal,
      terminal: { write, isTTY }
    })
    await clear()
    return record
  } catch (error) {
    if (signal.aborted) await clear()
    else write(await leftBehind(engine, name))
    throw error
  }

  async function stillThere(
    at: ImageRegistry,
    { digest }: PushRecord,
    record: PhaseRecord
  ): Promise<boolean> {
    if (record.outputs.every((output) => output.digest !== digest || output.location !== pushed.reference))
      return false
    try {
      return tag !== undefined && (await at.manifest(repository, tag))?.digest === digest
    } catch (error) {
      if (error instanceof CodedError) return false
      throw error
    }
  }
}

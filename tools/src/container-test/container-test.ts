import { findEngine, readOciArchive } from '@fast-mcp/containers'
import {
  deploymentTarget,
  fileDigest,
  readPipelineEnvironment,
  requireRecord,
  runPhase,
  type PhaseRecord
} from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readBaseRecord } from '../base-image/base-record.ts'
import { buildImage } from '../container/build-image.ts'
import { archiveFile, readImageRecord } from '../container/image-record.ts'
import { containerName, leftBehind } from './container-name.ts'
import { containerProbes, preferredPort } from './container-probes.ts'
import { imageProbes } from './image-probes.ts'
import { scanImage } from './image-scan.ts'
import { startServerContainer } from './server-container.ts'
import { sayStanding, standingRecord, type PhaseProgramOptions } from './standing-record.ts'

const startLimitMs = 30_000
const secondArchive = join('.local', 'build-again', 'image.oci.tar')

/**
 * Tries the image of this commit and writes the record of phase build. Says so and does nothing where the record
 * stands. Leaves nothing running when all checks pass, and the container as it is when one fails.
 */
export async function containerTest(options: PhaseProgramOptions): Promise<PhaseRecord> {
  const { workspace, environment, signal, write, json, isTTY } = options
  const settings = readPipelineEnvironment(environment)
  const target = deploymentTarget(settings)
  const version = await readVersion(workspace)
  const app = await requireRecord(workspace, 'app', version)
  const standing = await standingRecord(options, 'build', version, target)
  if (standing !== undefined) return sayStanding(options, standing)

  const [image, base] = await Promise.all([readImageRecord(workspace), readBaseRecord(workspace)])
  const path = join(workspace, archiveFile)
  const digest = await fileDigest(path)
  // No signal: what was started is cleared away after an interrupt, too.
  const engine = await findEngine(workspace, settings)
  const name = containerName(workspace, 'build')
  const details: Record<string, unknown> = { compressedBytes: image.storedSize }
  // The work of reading and building waits, so that the time to become healthy is the container's own.
  const startupEnded = Promise.withResolvers<undefined>()
  const archive = once(() => readOciArchive(path))
  const scan = once(async () => {
    await startupEnded.promise
    const found = await scanImage(await archive())
    details['layers'] = found.layers.map(({ digest: layer, bytes, holdsServer }) => ({
      digest: layer,
      bytes,
      what: holdsServer ? 'server and sample registry' : 'base: Node and the libraries it needs'
    }))
    return found
  })
  try {
    const record = await runPhase({
      workspace,
      phase: 'build',
      target,
      version,
      inputs: app.outputs,
      outputs: [
        { name: 'image archive', kind: 'file', location: archiveFile, digest },
        { name: 'image', kind: 'image', location: image.reference, digest: image.manifestDigest }
      ],
      probes: {
        ...imageProbes({
          workspace,
          version,
          image,
          base,
          archive,
          scan,
          buildAgain: async (limit) => {
            await startupEnded.promise
            const second = { workspace, version, engine, base, archive: secondArchive, signal: limit }
            try {
              return (await buildImage(second)).imageId
            } finally {
              await rm(join(workspace, dirname(secondArchive)), { recursive: true, force: true })
            }
          }
        }),
        ...containerProbes({
          engine,
          version,
          archive,
          start: async (limit) => {
            try {
              const started = await startServerContainer({
                engine,
                name,
                image: await engine.load(path),
                preferredPort,
                timeLimitMs: startLimitMs,
                signal: limit
              })
              details['readyMs'] = started.healthyMs
              return started
            } finally {
              startupEnded.resolve(undefined)
            }
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
    await engine.remove(name)
    return record
  } catch (error) {
    if (signal.aborted) await engine.remove(name)
    else write(await leftBehind(engine, name))
    throw error
  }
}

/** Does the work at the first call, and gives its result to all. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}

import {
  deploymentTarget,
  folderDigest,
  readPipelineEnvironment,
  runPhase,
  type Artifact,
  type PhaseRecord
} from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { join } from 'node:path'
import { sayStanding, standingRecord, type PhaseProgramOptions } from '../container-test/standing-record.ts'
import { appProbes } from './app-probes.ts'
import { runTargets } from './nx-targets.ts'
import { sourcesArtifact } from './sources.ts'

const output = 'dist/apps/mcp-server'

/**
 * Checks what the targets of phase app have left and writes its record. Says so and does nothing where the record
 * stands: of this version, with these very sources and this output. Throws CodedError `check-failed` where one failed.
 */
export async function appPhase(options: PhaseProgramOptions): Promise<PhaseRecord> {
  const { workspace, environment, signal, write, json } = options
  const target = deploymentTarget(readPipelineEnvironment(environment))
  const [version, sources] = await Promise.all([readVersion(workspace), sourcesArtifact(workspace)])
  const standing = await standingRecord(options, 'app', version, target)
  if (standing !== undefined && tookThese(standing, sources)) return sayStanding(options, standing)

  // What a check that took too long has started ends with the phase.
  const ended = new AbortController()
  const targets = runTargets(
    workspace,
    ['lint', 'typecheck', 'test', 'test-server'],
    AbortSignal.any([signal, ended.signal])
  )
  const details: Record<string, unknown> = {}
  try {
    return await runPhase({
      workspace,
      phase: 'app',
      target,
      version,
      inputs: [sources],
      outputs: async () => [
        {
          name: 'server',
          kind: 'folder',
          location: output,
          digest: await folderDigest(join(workspace, output))
        }
      ],
      probes: appProbes({ workspace, targets, details }),
      details,
      json,
      signal,
      terminal: { write, isTTY: process.stdout.isTTY }
    })
  } finally {
    ended.abort()
  }
}

function tookThese({ inputs }: PhaseRecord, sources: Artifact): boolean {
  return inputs.some(({ name, digest }) => name === sources.name && digest === sources.digest)
}

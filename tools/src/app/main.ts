// The target mcp-server:app: the checks of phase app over what its other targets have left, and the record.
import { program } from '@fast-mcp/errors'
import { deploymentTarget, folderDigest, readPipelineEnvironment, runPhase } from '@fast-mcp/validation'
import { readVersion } from '@fast-mcp/versioning'
import { join } from 'node:path'
import { appProbes } from './app-probes.ts'
import { runTargets } from './nx-targets.ts'
import { sourcesArtifact } from './sources.ts'

await program(async ({ args, signal }) => {
  const workspace = process.cwd()
  const target = deploymentTarget(readPipelineEnvironment(process.env))
  const details: Record<string, unknown> = {}
  const [version, sources] = await Promise.all([readVersion(workspace), sourcesArtifact(workspace)])
  const phase = new AbortController()
  const targets = runTargets(
    workspace,
    ['lint', 'typecheck', 'test', 'test-server'],
    AbortSignal.any([signal, phase.signal])
  )
  try {
    await runPhase({
      workspace,
      phase: 'app',
      target,
      version,
      inputs: [sources],
      outputs: async () => [
        {
          name: 'server',
          kind: 'folder',
          location: 'dist/apps/mcp-server',
          digest: await folderDigest(join(workspace, 'dist', 'apps', 'mcp-server'))
        }
      ],
      probes: appProbes({ workspace, targets, details }),
      details,
      json: args.includes('--json'),
      signal
    })
  } finally {
    // What a check that took too long has started ends with the phase.
    phase.abort()
  }
  return 0
})

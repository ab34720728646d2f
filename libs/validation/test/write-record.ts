import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Version } from '@fast-mcp/versioning'
import { recordPath, type Artifact, type Phase, type PhaseRecord } from '../src/index.ts'

/** Writes the record of a phase that passed. */
export async function writeRecord(
  folder: string,
  phase: Phase,
  version: Version,
  outputs: readonly Artifact[]
): Promise<void> {
  const now = new Date().toISOString()
  const record: PhaseRecord = {
    format: 1,
    phase,
    target: 'local',
    version,
    startedAt: now,
    finishedAt: now,
    durationMs: 1,
    passed: true,
    inputs: [],
    outputs,
    checks: []
  }
  const path = recordPath(folder, phase)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, JSON.stringify(record))
}

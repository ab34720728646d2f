import { sameVersion, versionTag, type Version } from '@fast-mcp/versioning'
import { CodedError } from '@fast-mcp/errors'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Phase } from '../check.ts'
import { hasCode } from '../system-error.ts'
import { fileDigest, folderDigest } from './digest.ts'
import { recordSchema, type Artifact, type PhaseRecord } from './phase-record.ts'

/** Where the record of a phase lies. */
export function recordPath(workspace: string, phase: Phase): string {
  return join(workspace, 'dist', 'phases', `${phase}.json`)
}

/** The record of a phase, or undefined where there is none. Throws CodedError `record-invalid`. */
export async function readRecord(workspace: string, phase: Phase): Promise<PhaseRecord | undefined> {
  const path = recordPath(workspace, phase)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) return undefined
  const invalid = (evidence: string, cause?: unknown): CodedError =>
    new CodedError('record-invalid', `${path} is not a phase record of format 1`, {
      remedy: `Run \`make ${phase}\`, which writes it again.`,
      evidence,
      cause
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error)
  }
  const parsed = recordSchema.safeParse(value)
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error))
  if (parsed.data.phase !== phase) throw invalid(`it is the record of phase ${parsed.data.phase}`)
  return parsed.data
}

/**
 * The record of a phase that another phase builds on: passed, of the same commit, and what it made still there with
 * the recorded digest (files and folders; images and endpoints are for the phase to compare).
 *
 * Throws CodedError `record-missing`, `record-invalid`, `record-of-other-commit`, `record-failed`, `output-missing`
 * or `output-changed`; the remedy is the make command of that phase.
 */
export async function requireRecord(workspace: string, phase: Phase, version: Version): Promise<PhaseRecord> {
  const remedy = `Run \`make ${phase}\` first.`
  const record = await readRecord(workspace, phase)
  if (record === undefined)
    throw new CodedError(
      'record-missing',
      `phase ${phase} has no record at ${recordPath(workspace, phase)}`,
      {
        remedy
      }
    )
  if (!sameVersion(record.version, version))
    throw new CodedError(
      'record-of-other-commit',
      `the record of phase ${phase} is of ${versionTag(record.version)}, expected ${versionTag(version)}`,
      {
        remedy,
        evidence: `recorded ${describe(record.version)}\nexpected ${describe(version)}`
      }
    )
  if (!record.passed) {
    const failed = record.checks.filter((row) => row.status === 'failed' || row.status === 'not-run')
    throw new CodedError('record-failed', `phase ${phase} did not pass for ${versionTag(version)}`, {
      remedy,
      evidence: failed.map((row) => `${row.id}: ${row.evidence}`).join('\n')
    })
  }
  for (const output of record.outputs) await requireOutput(workspace, phase, output)
  return record
}

async function requireOutput(workspace: string, phase: Phase, output: Artifact): Promise<void> {
  if (output.kind !== 'file' && output.kind !== 'folder') return
  const path = join(workspace, output.location)
  const remedy = `Run \`make ${phase}\`, which makes it again.`
  const digest = await (output.kind === 'file' ? fileDigest(path) : folderDigest(path)).catch(
    (error: unknown) => {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw error
      throw new CodedError('output-missing', `${output.location}, made by phase ${phase}, is not there`, {
        remedy,
        cause: error
      })
    }
  )
  if (digest !== output.digest)
    throw new CodedError('output-changed', `${output.location} is not what phase ${phase} made`, {
      remedy,
      evidence: `recorded ${output.digest}\nfound    ${digest}`
    })
}

function describe(version: Version): string {
  return `${version.fullSha}${version.dirty ? ' with uncommitted changes' : ''}`
}

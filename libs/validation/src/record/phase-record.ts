import type { Version } from '@fast-mcp/versioning'
import { isAbsolute, normalize } from 'node:path'
import { z } from 'zod'
import { phases, type Phase } from '../check.ts'
import type { DeploymentTarget } from '../pipeline-environment.ts'

/** A check as it ended. `not-run`: a check it comes after failed, or the phase was interrupted before. */
export interface CheckRow {
  readonly id: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'not-applicable' | 'not-run'
  readonly evidence: string
  /** Present where the status is `failed`. */
  readonly remedy?: string | undefined
  readonly durationMs: number
}

/** Something a phase takes or makes. */
export interface Artifact {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'image' | 'endpoint'
  /** A path relative to the workspace, an image reference or a URL. */
  readonly location: string
  /** `sha256:…`: of the content (file, folder), the manifest (image) or what the endpoint runs. */
  readonly digest: string
}

/** What a phase did and found: `dist/phases/<phase>.json`. The phase after it starts from this. */
export interface PhaseRecord {
  readonly format: 1
  readonly phase: Phase
  readonly target: DeploymentTarget
  readonly version: Version
  /** ISO 8601 in UTC. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly durationMs: number
  readonly passed: boolean
  readonly inputs: readonly Artifact[]
  readonly outputs: readonly Artifact[]
  readonly checks: readonly CheckRow[]
  /** More to see in the report; see `RecordDetails` for the keys it draws. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

const insideWorkspace = (path: string): boolean =>
  !isAbsolute(path) && !/^\.\.(?:[/\\]|$)/.test(normalize(path))

const artifactSchema = z
  .object({
    name: z.string().min(1),
    kind: z.enum(['file', 'folder', 'image', 'endpoint']),
    location: z.string().min(1),
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/)
  })
  .refine(
    ({ kind, location }) => (kind !== 'file' && kind !== 'folder') || insideWorkspace(location),
    'the location of a file or folder is a path inside the workspace'
  )

const duration = z.number().nonnegative()

/** The form of a phase record; anything else is refused. */
export const recordSchema: z.ZodType<PhaseRecord> = z.object({
  format: z.literal(1),
  phase: z.enum(phases),
  target: z.enum(['local', 'aws']),
  version: z.object({
    sha: z.string().regex(/^[0-9a-f]{4,64}$/),
    fullSha: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
    dirty: z.boolean(),
    committedAt: z.iso.datetime()
  }),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  durationMs: duration,
  passed: z.boolean(),
  inputs: z.array(artifactSchema),
  outputs: z.array(artifactSchema),
  checks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      status: z.enum(['passed', 'failed', 'not-applicable', 'not-run']),
      evidence: z.string(),
      remedy: z.string().optional(),
      durationMs: duration
    })
  ),
  details: z.record(z.string(), z.unknown()).optional()
})

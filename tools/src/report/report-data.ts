import type { EndpointStep, Phase, PhaseRecord, RecordDetails } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import type { Coverage } from '../app/test-results.ts'
import type { RunningStatus } from './running-status.ts'

/** A phase as this commit has it. */
export type PhaseState =
  | { readonly state: 'passed' | 'failed'; readonly record: PhaseRecord; readonly details: RecordDetails }
  | { readonly state: 'other-commit'; readonly record: PhaseRecord; readonly details: RecordDetails }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly problem: string }

/** The endpoint in `.config`, asked while the report is made. */
export interface LiveState {
  readonly url: string
  /** What was tried, in order. */
  readonly steps: readonly Pick<EndpointStep, 'title' | 'passed' | 'evidence'>[]
}

/** All that the page shows. */
export interface ReportData {
  readonly generatedAt: Date
  readonly version: Version
  readonly phases: Readonly<Record<Phase, PhaseState>>
  /** By project; in words where there is none. */
  readonly coverage: readonly { readonly project: string; readonly coverage: Coverage | string }[]
  /** Undefined where nothing is deployed; in words where it cannot be asked. */
  readonly live: LiveState | string | undefined
  /** What runs now; undefined where nobody could be asked. */
  readonly status: RunningStatus | undefined
}

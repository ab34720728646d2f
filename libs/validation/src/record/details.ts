import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'
import { endpointReportSchema, type EndpointReport } from '../endpoint/endpoint-report.ts'
import type { PhaseRecord } from './phase-record.ts'

/** The keys of a record's `details` that the report draws; a phase may add others. All are optional. */
export interface RecordDetails {
  /** Layers of the image from the lowest to the highest. Bytes unpacked; what made it, in a few words. */
  readonly layers?:
    | readonly { readonly digest: string; readonly bytes: number; readonly what: string }[]
    | undefined
  /** Bytes of the image in the registry: compressed layers, configuration and manifest. */
  readonly compressedBytes?: number | undefined
  /** Milliseconds until the container or the server was ready. */
  readonly readyMs?: number | undefined
  /** What the endpoint tester found. */
  readonly endpoint?: EndpointReport | undefined
  /** What runs where, one row a part: load balancer, tasks, registry. */
  readonly running?:
    | readonly {
        readonly name: string
        readonly what: string
        readonly where: string
        readonly state: string
      }[]
    | undefined
  /** When anything last had to be done for what runs, ISO 8601 in UTC. */
  readonly changedAt?: string | undefined
}

const detailsSchema: z.ZodType<RecordDetails> = z.object({
  layers: z
    .array(z.object({ digest: z.string(), bytes: z.number().nonnegative(), what: z.string() }))
    .optional(),
  compressedBytes: z.number().nonnegative().optional(),
  readyMs: z.number().nonnegative().optional(),
  endpoint: endpointReportSchema.optional(),
  running: z
    .array(z.object({ name: z.string(), what: z.string(), where: z.string(), state: z.string() }))
    .optional(),
  changedAt: z.iso.datetime().optional()
})

/** The details of a record, typed; none of it has to be there. Throws CodedError `record-invalid` for another form. */
export function readDetails(record: Pick<PhaseRecord, 'phase' | 'details'>): RecordDetails {
  const parsed = detailsSchema.safeParse(record.details ?? {})
  if (parsed.success) return parsed.data
  throw new CodedError(
    'record-invalid',
    `the details in the record of phase ${record.phase} cannot be read`,
    {
      remedy: `Run \`make ${record.phase}\`, which writes them again.`,
      evidence: z.prettifyError(parsed.error)
    }
  )
}

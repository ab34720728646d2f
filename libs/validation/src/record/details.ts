import type { EndpointReport } from '../endpoint/endpoint-report.ts'

/** The keys of a record's `details` that the report draws; a phase may add others. All are optional. */
export interface RecordDetails {
  /** Layers of the image from the lowest to the highest. Bytes unpacked; what made it, in a few words. */
  readonly layers?: readonly { readonly digest: string; readonly bytes: number; readonly what: string }[]
  /** Bytes of the image in the registry: compressed layers, configuration and manifest. */
  readonly compressedBytes?: number
  /** Milliseconds until the container or the server was ready. */
  readonly readyMs?: number
  /** What the endpoint tester found. */
  readonly endpoint?: EndpointReport
  /** What runs where, one row a part: load balancer, tasks, registry. */
  readonly running?: readonly {
    readonly name: string
    readonly what: string
    readonly where: string
    readonly state: string
  }[]
}

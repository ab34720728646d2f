import { z } from 'zod'

/** One thing the endpoint tester tried. */
export interface EndpointStep {
  /** Stable, such as `raw.initialize`, `sdk.tools/call package_browse 1`. */
  readonly id: string
  readonly group: EndpointStepGroup
  readonly title: string
  readonly passed: boolean
  /** What was seen; on failure the request and the response, shortened. */
  readonly evidence: string
  readonly ms: number
}

/**
 * `methods`: initialize, tools/list, tools/call by both clients. `tools`: one step a tool, example and client.
 * `json-rpc`: shape of responses and the errors for an unknown method, an unknown tool, bad JSON, bad arguments.
 * `registration`: names and schemas of the list. `version`: the revision served, where one is expected.
 */
export type EndpointStepGroup = 'methods' | 'registration' | 'tools' | 'json-rpc' | 'version'

/** Times of all MCP requests that got a response, in milliseconds, from sending to the last byte. */
export interface Latency {
  readonly count: number
  readonly medianMs: number
  readonly p95Ms: number
  readonly maxMs: number
}

export interface ToolTiming {
  readonly tool: string
  /** How many examples were called; each was called by both clients. */
  readonly examples: number
  /** Whether the tool has an output schema. */
  readonly outputSchema: boolean
  readonly passed: boolean
  /** Every call in the order of calling. */
  readonly ms: readonly number[]
}

/** What the endpoint tester found at one URL. Plain data: it goes into records and `--json`. */
export interface EndpointReport {
  readonly url: string
  /** ISO 8601 in UTC. */
  readonly startedAt: string
  readonly durationMs: number
  readonly passed: boolean
  /** What the server says it is; undefined where initialize failed. */
  readonly server?:
    | { readonly name: string; readonly version: string; readonly protocolVersion: string }
    | undefined
  /** Names of all tools the server lists, in its order, called or not. */
  readonly toolNames: readonly string[]
  readonly tools: readonly ToolTiming[]
  readonly latency: Latency
  readonly steps: readonly EndpointStep[]
}

const milliseconds = z.number().nonnegative()

/** The form of a report that comes from a file. */
export const endpointReportSchema: z.ZodType<EndpointReport> = z.object({
  url: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: milliseconds,
  passed: z.boolean(),
  server: z.object({ name: z.string(), version: z.string(), protocolVersion: z.string() }).optional(),
  toolNames: z.array(z.string()),
  tools: z.array(
    z.object({
      tool: z.string(),
      examples: z.number().int().nonnegative(),
      outputSchema: z.boolean(),
      passed: z.boolean(),
      ms: z.array(milliseconds)
    })
  ),
  latency: z.object({
    count: z.number().int().nonnegative(),
    medianMs: milliseconds,
    p95Ms: milliseconds,
    maxMs: milliseconds
  }),
  steps: z.array(
    z.object({
      id: z.string(),
      group: z.enum(['methods', 'registration', 'tools', 'json-rpc', 'version']),
      title: z.string(),
      passed: z.boolean(),
      evidence: z.string(),
      ms: milliseconds
    })
  )
})

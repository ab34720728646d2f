import { endpointReportSchema } from '@fast-mcp/validation'
import { z } from 'zod'

/** Where the result of the target `mcp-server:endpoint` lies, below the workspace. */
export const endpointResultPath = 'dist/test/mcp-server-endpoint.json'

/** The built server, below the workspace. */
export const serverMain = 'dist/apps/mcp-server/main.js'

export const endpointResultSchema = z.object({
  format: z.literal(1),
  passed: z.boolean(),
  /** What was tested, so that a reader can tell whether it still is what is there. */
  server: z.object({ location: z.string(), digest: z.string(), revision: z.string() }),
  /** Host and port that the server says are its defaults. */
  defaults: z.object({ host: z.string(), port: z.string() }),
  /** Milliseconds until it was ready; undefined where it never was, and `startupFailure` says why. */
  readyMs: z.number().optional(),
  startupFailure: z.string().optional(),
  report: endpointReportSchema.optional(),
  stopped: z
    .object({ code: z.number().nullable(), signal: z.string().nullable(), ms: z.number() })
    .optional(),
  log: z.string()
})

/** What the target `mcp-server:endpoint` found. */
export type EndpointResult = z.output<typeof endpointResultSchema>

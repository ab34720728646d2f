import { z } from 'zod'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/create-logger.ts'
import { serveHttp } from '../../src/http/serve.ts'
import { identity } from '../../src/identity.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { createMethods } from '../../src/protocol/methods.ts'
import { instrument } from '../../src/telemetry/instrument.ts'
import { readOnly, tool } from '../../src/tools/tool.ts'
import { openRegistries } from '../../src/open-registries.ts'
import { description, input, output, toolNames } from './echo-tool.ts'

// This server with all limits, the log and the metrics, and the benchmark's tools in place of its own.

const config = readConfig({ ...process.env, PORT: '0', METRICS_PORT: '0' })
const { log } = createLogger(config, 2)
const { registries, backends, searchIndexes } = await openRegistries(config)
const services = {
  identity: identity(config),
  registries,
  backends,
  searchIndexes,
  maxReadBytes: config.maxReadBytes,
  uptime: () => 0
}
const tools = toolNames.map((name) =>
  tool({
    name,
    title: name,
    description,
    toolset: 'server',
    scope: 'read',
    annotations: readOnly,
    input: z.strictObject(input),
    output: z.strictObject(output),
    examples: [],
    handle: ({ text }) => ({ structured: { text }, line: text })
  })
)
const metrics = createMetrics()
const methods = instrument(
  createMethods({ services, tools, instructions: 'Call echo.', withExamples: false }),
  { tools: toolNames, metrics }
)
const server = await serveHttp(config, { services, tools, methods, metrics, stackCheck: undefined }, log)
process.stdout.write(`${JSON.stringify({ url: `${server.url}/mcp` })}\n`)

import { run } from '@nx-tools/nx-container'
import process, { argv, cwd } from 'node:process'
import { z } from 'zod'

/**
 * Calls the nx-container executor with the options in the first argument, as JSON. A process of its own, because the
 * executor takes its PATH and more from the environment, and writes what the engine says to the terminal.
 */
const list = z.array(z.string())
const options = z
  .object({
    engine: z.enum(['docker', 'podman']),
    context: z.string(),
    file: z.string(),
    quiet: z.boolean(),
    platforms: list,
    'no-cache': z.boolean(),
    'build-args': list,
    tags: list.optional(),
    outputs: list.optional(),
    'build-contexts': list.optional(),
    provenance: z.string().optional()
  })
  .parse(JSON.parse(argv[2] ?? ''))

const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
try {
  await run(given, {
    root: cwd(),
    cwd: cwd(),
    projectName: 'mcp-server',
    isVerbose: false,
    nxJsonConfiguration: {},
    projectsConfigurations: { version: 2, projects: {} },
    projectGraph: { nodes: {}, dependencies: {} }
  })
} catch (error) {
  // The engine has said why by itself; the error holds the command line and the insides of a stream.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

import type { Engine, OciArchive } from '@fast-mcp/containers'
import { type EndpointReport, type Probe } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import { endpointFinding } from './endpoint-finding.ts'
import { holds } from './image-probes.ts'
import { logTail, stopTimeoutSeconds, type ServerContainer } from './server-container.ts'

export interface ContainerProbeOptions {
  readonly engine: Engine
  readonly version: Version
  readonly archive: () => Promise<OciArchive>
  /** Starts the container and waits until it is healthy. */
  readonly start: (signal: AbortSignal) => Promise<ServerContainer>
  readonly onEndpoint: (report: EndpointReport) => void
}

/** Port of the specification: curl -f http://localhost:8001/health. */
export const preferredPort = 8001

/** The command of the image's health check, which the OCI format has no place for. */
const healthCommand = ['node', '/app/main.js', '--health']

/** The checks on a running container. */
export function containerProbes(options: ContainerProbeOptions): Record<string, Probe> {
  const { engine, version, archive, onEndpoint } = options
  let started: ServerContainer | undefined
  const server = (): ServerContainer => {
    if (started === undefined) throw new Error('the container was not started')
    return started
  }
  return {
    'build.startup': async ({ signal }) => {
      started = await options.start(signal)
      const { healthyMs, url, port } = started
      const instead = port === preferredPort ? '' : ` (port ${String(preferredPort)} was taken)`
      return { status: 'passed', evidence: `healthy after ${String(healthyMs)} ms at ${url}${instead}` }
    },
    'build.health': ({ signal }) => get(`http://localhost:${String(server().port)}/health`, signal),
    'build.mcp': ({ signal }) => get(`http://localhost:${String(server().port)}/mcp`, signal),
    'build.health-check': async () => {
      const { exitCode, stdout, stderr } = await engine.exec(server().id, healthCommand)
      return holds(
        exitCode === 0,
        `${healthCommand.join(' ')}: exit code 0`,
        `${healthCommand.join(' ')}: exit code ${String(exitCode)}\n${stdout}${stderr}`
      )
    },
    'build.version': () => {
      const { revision } = server().health
      return Promise.resolve(
        holds(revision === version.fullSha, revision, `serves ${revision}\nHEAD   ${version.fullSha}`)
      )
    },
    'build.endpoint': async ({ signal }) => {
      // An MCP client is slow to load, and a phase that has nothing to do needs none.
      const { testEndpoint } = await import('../endpoint/endpoint-tester.ts')
      const report = await testEndpoint(`${server().url}/mcp`, {
        expectRevision: version.fullSha,
        signal
      })
      onEndpoint(report)
      return endpointFinding(report)
    },
    'build.non-root': async () => {
      const { user } = (await archive()).config
      const uid = (await status(engine, server().id)).get('Uid') ?? 'unknown'
      return holds(
        /^[1-9]\d*(?::\d+)?$/.test(user) && uid.split(/\s+/).every((id) => Number(id) > 0),
        `image user ${user}, process user ${uid.split(/\s+/)[0] ?? ''}`,
        `image user ${user || 'root'}, user ids of the process ${uid}; expected numbers above 0`
      )
    },
    'build.unprivileged': async () => {
      const { id } = server()
      const values = await status(engine, id)
      const capabilities = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].filter(
        (name) => !/^0+$/.test(values.get(name) ?? '')
      )
      const written = await engine.exec(id, [
        'node',
        '-e',
        "for (const d of ['/', '/app', '/etc', '/var', '/tmp']) try { fs.writeFileSync(d + '/x', ''); console.log(d) } catch {}"
      ])
      const writable = written.stdout.trim().split('\n').filter(Boolean)
      return holds(
        capabilities.length === 0 && values.get('NoNewPrivs') === '1' && writable.join() === '/tmp',
        'no capability, no new privileges, root file system read-only, only /tmp writable',
        `capabilities ${capabilities.join(', ') || 'none'}; no new privileges ${values.get('NoNewPrivs') ?? 'unknown'}; writable ${writable.join(', ') || 'nothing'}`
      )
    },
    'build.logs': async () => {
      const { stdout, stderr } = await engine.logs(server().id, { tail: 1000 })
      const lines = stdout.split('\n').filter((line) => line !== '')
      const wrong = lines.find((line) => !isJsonObject(line))
      return holds(
        lines.length > 0 && wrong === undefined,
        `${String(lines.length)} JSON lines on stdout, ${String(stderr.split('\n').filter(Boolean).length)} lines on stderr`,
        wrong === undefined ? 'nothing on stdout' : `not JSON: ${wrong.slice(0, 300)}`
      )
    },
    'build.sigterm': async () => {
      const { id } = server()
      const begin = performance.now()
      const exitCode = await engine.stop(id, stopTimeoutSeconds)
      const ms = Math.round(performance.now() - begin)
      return holds(
        exitCode === 0,
        `exit code 0 after ${String(ms)} ms`,
        `exit code ${String(exitCode)} after ${String(ms)} ms\n${await logTail(engine, id)}`
      )
    }
  }
}

/** What `curl -f` accepts: an answer below 400. */
async function get(url: string, signal: AbortSignal) {
  const response = await fetch(url, { signal })
  const body = (await response.text()).slice(0, 300)
  const seen = `GET ${url}: ${String(response.status)} ${body}`
  return holds(response.status === 200, seen, seen)
}

/** The fields of /proc/1/status, read inside the container. */
async function status(engine: Engine, container: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await engine.exec(container, [
    'node',
    '-e',
    "process.stdout.write(fs.readFileSync('/proc/1/status', 'utf8'))"
  ])
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const]
    })
  )
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import type { DeployRequest } from '../src/target.ts'
import { deploymentPaths, type DeploymentPaths } from '../src/targets/local/deployment-paths.ts'
import { Proxy } from '../src/targets/local/haproxy/proxy.ts'
import { LocalTarget } from '../src/targets/local/local-target.ts'
import { requireStandInAnswers } from './stand-in-answers.ts'
import { askEndpoint, type EndpointAnswer } from './ask-endpoint.ts'
import { freePort, ProcessEngine, type StandInImage } from './process-engine.ts'

/** The synthesized template as it is committed, on one line; a test of the stack holds it against the source. */
export const template: string = JSON.stringify(
  JSON.parse(readFileSync(new URL('fixtures/template.json', import.meta.url), 'utf8'))
)

/** The template with a drain limit short enough for tests. */
export const quickTemplate: string = template.replace(
  'deregistration_delay.timeout_seconds","Value":"30"',
  'deregistration_delay.timeout_seconds","Value":"2"'
)

/** A version whose SHA is one digit, forty times. */
export function versionOf(digit: string): Version {
  const fullSha = digit.repeat(40)
  return { sha: fullSha.slice(0, 7), fullSha, dirty: false, committedAt: '2026-01-02T03:04:05Z' }
}

/** A workspace of its own with the local target in it, its tasks plain processes, HAProxy real. */
export class LocalWorkspace {
  readonly folder: string
  readonly port: number
  readonly engine: ProcessEngine
  readonly lines: string[] = []
  readonly paths: DeploymentPaths
  readonly #ended = new AbortController()

  private constructor(folder: string, port: number) {
    this.folder = folder
    this.port = port
    this.engine = new ProcessEngine(`${folder}-engine`)
    this.paths = deploymentPaths(folder)
  }

  static async create(): Promise<LocalWorkspace> {
    return new LocalWorkspace(await mkdtemp(join(tmpdir(), 'local-target-')), await freePort())
  }

  /** The target, as a new program would make it. */
  target(
    options: {
      readonly signal?: AbortSignal
      readonly port?: number
      readonly soakMs?: number
      /** Told each line as it is reported, so that a test may do something at that moment. */
      readonly onLine?: (line: string) => void
    } = {}
  ): LocalTarget {
    return new LocalTarget(
      {
        workspace: this.folder,
        environment: readPipelineEnvironment({ LOCAL_HTTPS_PORT: String(options.port ?? this.port) }),
        signal: options.signal ?? new AbortController().signal,
        report: (line) => {
          this.lines.push(line)
          options.onLine?.(line)
        }
      },
      {
        engine: () => Promise.resolve(this.engine),
        soakMs: options.soakMs ?? 100,
        check: requireStandInAnswers
      }
    )
  }

  /** What to deploy for a digit: its version and an image that behaves as the mode says. */
  request(digit: string, mode: StandInImage['mode'] = 'good'): DeployRequest {
    const digest = `sha256:${digit.repeat(64)}`
    const reference = `127.0.0.1:5000/quilt-mcp@${digest}`
    const version = versionOf(digit)
    this.engine.publish(reference, { revision: version.fullSha, mode })
    return { version, image: { reference, digest, insecure: true }, template: quickTemplate }
  }

  /** GET through the load balancer, on a connection of its own, trusting the workspace's authority alone. */
  get(path: string): Promise<EndpointAnswer> {
    return askEndpoint(this.paths, this.port, path)
  }

  /** Asks through the load balancer all the time, four at once, until it is stopped; gives how many were asked and what went wrong. */
  constantLoad(): {
    readonly stop: () => Promise<{
      sent: number
      failures: readonly string[]
      revisions: ReadonlySet<string>
    }>
  } {
    const ended = this.#ended.signal
    let running = true
    let sent = 0
    const failures: string[] = []
    const revisions = new Set<string>()
    const clients = ['/health', '/mcp', '/slow', '/slow'].map(async (path) => {
      while (running && !ended.aborted) {
        sent++
        await this.get(path).then(
          ({ status, revision }) => {
            revisions.add(revision)
            if (status !== 200) failures.push(`${path}: ${status}`)
          },
          async (error: unknown) => {
            failures.push(`${path}: ${String(error)}`)
            await sleep(20)
          }
        )
      }
    })
    return {
      stop: async () => {
        running = false
        await Promise.all(clients)
        return { sent, failures, revisions }
      }
    }
  }

  /** Ends what runs and removes the folder. */
  async end(): Promise<void> {
    this.#ended.abort()
    await new Proxy(this.paths).stop()
    await this.engine.end()
    await rm(this.folder, { recursive: true, force: true })
  }
}

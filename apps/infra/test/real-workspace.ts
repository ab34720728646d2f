import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findEngine,
  localRegistry,
  prepareEngine,
  pushArchive,
  readOciArchive,
  type Engine
} from '@fast-mcp/containers'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import type { DeployRequest } from '../src/target.ts'
import { deploymentPaths, type DeploymentPaths } from '../src/targets/local/deployment-paths.ts'
import { LocalTarget } from '../src/targets/local/local-target.ts'
import { readState } from '../src/targets/local/state.ts'
import { constantLoad, type LoadResult } from './constant-load.ts'
import { writeCatalog } from './git-workspace.ts'
import { quickTemplate } from './local-workspace.ts'
import { freePort } from './process-engine.ts'

/** What mcp-server:container made. */
const archive = join(import.meta.dirname, '../../../dist/container/quilt-mcp.oci.tar')

/** Whether there is an image to deploy. */
export const hasImage: boolean = existsSync(archive)

/** A workspace of its own with the container engine, a registry, and the image that mcp-server:container made in it. */
export class RealWorkspace {
  readonly folder: string
  readonly port: number
  readonly engine: Engine
  readonly request: DeployRequest
  readonly lines: string[] = []
  readonly paths: DeploymentPaths

  private constructor(folder: string, port: number, engine: Engine, request: DeployRequest) {
    this.folder = folder
    this.port = port
    this.engine = engine
    this.request = request
    this.paths = deploymentPaths(folder)
  }

  static async create(): Promise<RealWorkspace> {
    const folder = await mkdtemp(join(tmpdir(), 'local-target-'))
    const engine = await findEngine(folder, {})
    const { host } = await localRegistry(folder, engine).start()
    const revision = (await readOciArchive(archive)).config.labels['org.opencontainers.image.revision'] ?? ''
    const version: Version = {
      sha: revision.slice(0, 7),
      fullSha: revision,
      dirty: false,
      committedAt: '2026-01-02T03:04:05Z'
    }
    const { digest } = await pushArchive({
      archive,
      reference: `${host}/quilt-mcp:${version.sha}`,
      insecure: true,
      environment: await prepareEngine(folder),
      signal: new AbortController().signal
    })
    const image = { reference: `${host}/quilt-mcp@${digest}`, digest, insecure: true }
    await writeCatalog(folder, version, image)
    return new RealWorkspace(folder, await freePort(), engine, { version, image, template: quickTemplate })
  }

  /** The target, as a new program would make it. */
  target(): LocalTarget {
    return new LocalTarget({
      workspace: this.folder,
      environment: readPipelineEnvironment({ LOCAL_HTTPS_PORT: String(this.port) }),
      signal: new AbortController().signal,
      report: (line) => this.lines.push(line)
    })
  }

  /** The same image with another description: another version as far as a rollout goes. */
  variant(shutdownSeconds: string): DeployRequest {
    const template = this.request.template.replace(
      '"SHUTDOWN_SECONDS","Value":"50"',
      `"SHUTDOWN_SECONDS","Value":"${shutdownSeconds}"`
    )
    if (template === this.request.template) throw new Error('the template does not name SHUTDOWN_SECONDS')
    return { ...this.request, template }
  }

  /** Process ids of the tasks, as the state has them. */
  async processes(): Promise<readonly number[]> {
    return ((await readState(this.paths.state))?.tasks ?? []).map(({ pid }) => pid ?? 0)
  }

  /**
   * Sends 300 requests a second through the load balancer: lists, pings, calls of a tool; and has two calls going that
   * are answered by a stream with their progress.
   */
  async load(): Promise<{ readonly stop: () => Promise<LoadResult> }> {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream'
    }
    const call = (method: string, params: object = {}) => ({
      method: 'POST' as const,
      path: '/mcp',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      isWhole: (body: string) => body.includes('"id":1,"result":')
    })
    const stream = {
      ...call('tools/call', {
        name: 'package_verify',
        arguments: { package: 'climate/seattle-weather' },
        _meta: { progressToken: 'verify' }
      }),
      isWhole: (body: string) =>
        body.includes('notifications/progress') && body.includes('data: {"jsonrpc":"2.0","id":1,"result":')
    }
    return constantLoad({
      port: this.port,
      ca: await readFile(this.paths.authority, 'utf8'),
      perSecond: 300,
      requests: [
        ...Array.from({ length: 4 }, () => call('tools/list')),
        call('ping'),
        call('tools/call', { name: 'packages_list', arguments: {} }),
        { method: 'GET', path: '/health' }
      ],
      // Streams of their own connections, one after the other: at every moment of a rollout some are open.
      streams: { count: 2, request: stream, saysWhy: stream.isWhole }
    })
  }

  /** Ends what runs and removes the folder. */
  async end(): Promise<void> {
    await this.target().destroy({ all: true })
    await rm(this.folder, { recursive: true, force: true })
  }
}

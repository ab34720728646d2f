import type { Engine } from '@fast-mcp/containers'
import { type EndpointReport, type Probe } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'
import { endpointFinding } from '../container-test/endpoint-finding.ts'
import { holds } from '../container-test/image-probes.ts'
import { startServerContainer, type ServerContainer } from '../container-test/server-container.ts'
import type { ImageRecord } from '../container/image-record.ts'

export interface PullProbeOptions {
  /** With an empty store. */
  readonly engine: Engine
  readonly version: Version
  readonly image: ImageRecord
  /** `<registry>/<repository>@sha256:…` */
  readonly reference: string
  readonly insecure: boolean
  /** Name of the container. */
  readonly name: string
  readonly onStart: (server: ServerContainer) => void
  readonly onEndpoint: (report: EndpointReport) => void
}

const startLimitMs = 30_000

/** The checks on the image as it comes out of the registry. */
export function pullProbes(options: PullProbeOptions): Record<string, Probe> {
  const { engine, version, image, reference, insecure, name, onStart, onEndpoint } = options
  let server: ServerContainer | undefined
  return {
    'catalog.pull-identical': async () => {
      const started = performance.now()
      const found = await engine.pull(reference, { insecure })
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      return holds(
        // docker's containerd store names an image by its manifest.
        found === image.imageId || found === image.manifestDigest,
        `pulled by digest in ${seconds} s: ${found}`,
        `pulled ${found}\nbuilt  ${image.imageId}`
      )
    },
    'catalog.run': async ({ signal }) => {
      server = await startServerContainer({
        engine,
        name,
        image: reference,
        timeLimitMs: startLimitMs,
        signal
      })
      onStart(server)
      const { revision } = server.health
      return holds(
        revision === version.fullSha,
        `healthy after ${String(server.healthyMs)} ms, serves ${revision}`,
        `serves ${revision}\nHEAD   ${version.fullSha}`
      )
    },
    'catalog.endpoint': async ({ signal }) => {
      if (server === undefined) throw new Error('the container was not started')
      // An MCP client is slow to load, and a phase that has nothing to do needs none.
      const { testEndpoint } = await import('../endpoint/endpoint-tester.ts')
      const report = await testEndpoint(`${server.url}/mcp`, { expectRevision: version.fullSha, signal })
      onEndpoint(report)
      return endpointFinding(report)
    }
  }
}

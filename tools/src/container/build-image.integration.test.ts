import { describe, expect, test } from '@jest/globals'
import { findEngine, removeStore, scanLayers } from '@fast-mcp/containers'
import { readVersion } from '@fast-mcp/versioning'
import { spawnSync } from 'node:child_process'
import { chmod, readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { inRepository, write } from '../../test/workspace.ts'
import { writeBase } from '../../test/image-workspace.ts'
import { readBaseRecord } from '../base-image/base-record.ts'
import { buildImage } from './build-image.ts'

const server = {
  'dist/apps/mcp-server/main.js': 'console.log(1)',
  'dist/apps/mcp-server/package.json': '{"type":"module"}',
  'dist/apps/mcp-server/chunks/quilt-worker.js': 'scan()',
  'dist/apps/mcp-server/THIRD-PARTY-NOTICES.txt': 'notices',
  'dist/apps/mcp-server/sample/data.csv': 'a,b'
}

// Where docker is the engine there may be no podman.
const installed = spawnSync('podman', ['--version']).status === 0

;(installed ? describe : describe.skip)('building with podman itself', () => {
  test('one commit gives one image, to the byte of its manifest, and another gives another', async () => {
    const dockerfile = new URL('../../../apps/mcp-server/Dockerfile', import.meta.url)
    const files = {
      '.gitignore': 'dist\n.local\n',
      'apps/mcp-server/Dockerfile': await readFile(dockerfile, 'utf8')
    }
    await inRepository(files, async (workspace) => {
      await write(workspace, server)
      await writeBase(workspace)
      const engine = await findEngine(workspace, { CONTAINER_ENGINE: 'podman' })
      const version = await readVersion(workspace)
      const options = {
        workspace,
        version,
        engine,
        base: await readBaseRecord(workspace),
        archive: 'dist/container/image.oci.tar',
        signal: new AbortController().signal
      }
      const first = await buildImage(options)
      // What a checkout at another time with another umask would look like.
      const sample = join(workspace, 'dist/apps/mcp-server/sample')
      await chmod(sample, 0o700)
      await chmod(join(sample, 'data.csv'), 0o600)
      await utimes(join(sample, 'data.csv'), 1, 1)
      const second = await buildImage(options)
      expect([second.imageId, second.manifestDigest]).toEqual([first.imageId, first.manifestDigest])

      expect(first).toMatchObject({
        referenceName: `quilt-mcp:${version.sha}`,
        config: {
          architecture: 'amd64',
          user: '1000:1000',
          exposedPorts: ['8000/tcp'],
          entrypoint: [
            'node',
            '--max-semi-space-size=4',
            '--heap-growing-percent=50',
            '--no-allocation-site-pretenuring',
            '/app/main.js'
          ],
          labels: {
            'org.opencontainers.image.revision': version.fullSha,
            'org.opencontainers.image.version': version.sha,
            'org.opencontainers.image.created': version.committedAt,
            'org.opencontainers.image.licenses': 'Apache-2.0'
          },
          environment: { HOST: '0.0.0.0', PORT: '8000', QUILT_MCP_REVISION: version.fullSha }
        }
      })
      expect(first.layers.map(({ mediaType }) => mediaType.endsWith('+gzip'))).toEqual([true, true])
      expect(first.layers[0]?.diffId).toBe(options.base.kind === 'built' ? options.base.layerDigest : '')
      const seen: Record<string, unknown> = {}
      await scanLayers(first, ({ path, mode, uid, modified }) => {
        if (path.startsWith('app/')) seen[path] = [mode & 0o777, uid, modified.getTime()]
      })
      const time = Date.parse(version.committedAt)
      expect(seen).toEqual({
        'app/THIRD-PARTY-NOTICES.txt': [0o644, 0, time],
        'app/chunks': [0o755, 0, time],
        'app/chunks/quilt-worker.js': [0o644, 0, time],
        'app/main.js': [0o644, 0, time],
        'app/package.json': [0o644, 0, time],
        'app/sample': [0o755, 0, time],
        'app/sample/data.csv': [0o644, 0, time]
      })

      const other = await buildImage({ ...options, version: { ...version, fullSha: 'b'.repeat(40) } })
      expect(other.imageId).not.toBe(first.imageId)
      expect(other.layers).toEqual(first.layers)
      expect(await engine.imageId(`localhost/quilt-mcp:${version.sha}`)).toBeUndefined()
      expect(await removeStore(workspace, engine)).toBe(true)
    })
  })
})

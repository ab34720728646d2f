import { describe, expect, test } from '@jest/globals'
import { imageRegistry, readOciArchive } from '@fast-mcp/containers'
import { fillRegistry, inFolder, startRegistry, writeImage } from '@fast-mcp/containers/stand-in'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { write } from '../../test/workspace.ts'
import { attest } from './attest.ts'
import { provenance } from './provenance.ts'
import { sbom } from './sbom.ts'

const version = { sha: 'abcdef1', fullSha: 'a'.repeat(40), dirty: false, committedAt: '2026-01-02T03:04:05Z' }
const image = { name: 'quilt-mcp', digest: `sha256:${'b'.repeat(64)}`, version: 'abcdef1' }

describe('the list of parts', () => {
  test('holds the npm packages that the notices in the image name, Node and the packages of the base, each once', () => {
    const notices = [
      'This product contains code of the following packages.',
      'koa 3.3.0 (MIT)\n@scope/x 1.0.0 ((MIT OR Apache-2.0))\n\nCopyright 2013 Someone (and others)',
      'koa 3.3.0 (MIT)\n\nYou may.'
    ].join(`\n\n${'-'.repeat(80)}\n\n`)
    const basePackages = [{ name: 'libc6', version: '2.36-9+deb12u9', architecture: 'amd64' }]
    const bom: unknown = JSON.parse(
      sbom({ notices, basePackages, node: '24.21.0', image, created: version.committedAt })
    )
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [
        { type: 'platform', name: 'node' },
        { purl: 'pkg:npm/koa@3.3.0', licenses: [{ expression: 'MIT' }] },
        { purl: 'pkg:npm/%40scope/x@1.0.0', licenses: [{ expression: '(MIT OR Apache-2.0)' }] },
        { purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64' }
      ]
    })
  })
})

describe('the provenance', () => {
  test('names image, commit and inputs with their digests', () => {
    const materials = [{ name: 'dist/phases/build.json', digest: `sha256:${'c'.repeat(64)}` }]
    expect(JSON.parse(provenance({ image, version, materials, created: version.committedAt }))).toMatchObject(
      {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ digest: { sha256: 'b'.repeat(64) } }],
        predicateType: 'https://slsa.dev/provenance/v1',
        predicate: {
          buildDefinition: {
            resolvedDependencies: [
              { digest: { gitCommit: version.fullSha } },
              { uri: 'dist/phases/build.json', digest: { sha256: 'c'.repeat(64) } }
            ]
          }
        }
      }
    )
  })
})

describe('attached to an image', () => {
  test('both are referrers of it in the registry, sent once', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'image.tar')
      await writeImage(path, { layers: [{ files: { a: 'b' } }] })
      await write(folder, {
        'dist/apps/mcp-server/THIRD-PARTY-NOTICES.txt': 'koa 3.3.0 (MIT)\n',
        'dist/phases/build.json': {}
      })
      await using server = await startRegistry()
      await fillRegistry(server, path, 'quilt-mcp', version.sha)
      const { manifestDigest: digest } = await readOciArchive(path)
      const reference = `${server.host}/quilt-mcp:${version.sha}`
      const pushed = { reference, digest, registry: server.host, insecure: true }
      const options = {
        workspace: folder,
        version,
        pushed,
        credentials: undefined,
        signal: new AbortController().signal
      }
      const digests = await attest(options)
      expect(new Set(digests).size).toBe(2)
      const registry = imageRegistry({ host: server.host, insecure: true })
      for (const attached of digests) expect(await registry.manifest('quilt-mcp', attached)).toBeDefined()
      const sent = server.requests.filter((line) => line.startsWith('PUT')).length
      expect(await attest(options)).toEqual(digests)
      expect(server.requests.filter((line) => line.startsWith('PUT'))).toHaveLength(sent)
      const absent = { ...pushed, digest: `sha256:${'0'.repeat(64)}` }
      await expect(attest({ ...options, pushed: absent })).rejects.toMatchObject({ code: 'registry-refused' })
      await rm(join(folder, 'dist/apps'), { recursive: true })
      await expect(attest(options)).rejects.toMatchObject({ code: 'output-missing' })
    })
  })
})

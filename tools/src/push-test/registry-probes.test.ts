import { describe, expect, test } from '@jest/globals'
import { imageRegistry, readOciArchive, type RegistryCredentials } from '@fast-mcp/containers'
import {
  fillRegistry,
  inFolder,
  startRegistry,
  writeImage,
  type RegistryServer,
  type TestImage
} from '@fast-mcp/containers/stand-in'
import type { DeploymentTarget, Finding, Probe } from '@fast-mcp/validation'
import { join } from 'node:path'
import { registryProbes } from './registry-probes.ts'

const version = { sha: 'abcdef1', fullSha: 'a'.repeat(40), dirty: false, committedAt: '2026-01-02T03:04:05Z' }
const good: TestImage = {
  labels: { 'org.opencontainers.image.revision': version.fullSha },
  layers: [{ files: { 'etc/x': 'y' } }, { files: { 'app/main.js': 'run()' } }]
}

interface Change {
  readonly image?: Partial<TestImage>
  readonly tag?: string
  readonly target?: DeploymentTarget
  readonly host?: string
  readonly region?: string
  readonly credentials?: RegistryCredentials
  readonly harm?: (
    registry: RegistryServer,
    digests: { readonly manifest: string; readonly layer: string }
  ) => void
}

/** What each check finds in a registry with an image in it. */
async function findings(change: Change): Promise<Readonly<Record<string, Finding | string>>> {
  return inFolder(async (folder) => {
    const path = join(folder, 'image.tar')
    await writeImage(path, { ...good, ...change.image })
    const { manifestDigest, imageId, layers, storedSize } = await readOciArchive(path)
    await using server = await startRegistry()
    await fillRegistry(server, path, 'team/mcp', 'abcdef1')
    change.harm?.(server, { manifest: manifestDigest, layer: layers[0]?.digest ?? '' })
    const host = change.host ?? server.host
    const probes: Readonly<Record<string, Probe>> = registryProbes({
      target: change.target ?? 'local',
      version,
      image: {
        reference: 'quilt-mcp:abcdef1',
        revision: version.fullSha,
        manifestDigest,
        imageId,
        engine: 'podman',
        buildMs: 1,
        storedSize,
        unpackedSize: 1,
        layers: []
      },
      pushed: {
        reference: `${host}/team/mcp:${change.tag ?? 'abcdef1'}`,
        digest: manifestDigest,
        registry: host,
        insecure: true
      },
      registry: imageRegistry({ host: server.host, insecure: true }),
      credentials: change.credentials,
      region: change.region
    })
    const { signal } = new AbortController()
    const rows = Object.entries(probes).map(async ([id, probe]) => {
      try {
        return [id, await probe({ signal })] as const
      } catch (error) {
        return [id, String(error)] as const
      }
    })
    return Object.fromEntries(await Promise.all(rows))
  })
}

function wrong(
  found: Readonly<Record<string, Finding | string>>,
  ...but: readonly string[]
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(found).flatMap(([id, finding]) => {
      if (but.includes(id)) return []
      if (typeof finding === 'string') return [[id, finding]]
      return finding.status === 'failed' ? [[id, finding.evidence]] : []
    })
  )
}

/** Those that apply to AWS alone. */
const aws = ['catalog.credentials', 'catalog.region']

describe('the checks on a registry', () => {
  test('pass where it has the image as it was built', async () => {
    const found = await findings({})
    expect(wrong(found, ...aws)).toEqual({})
    expect(found['catalog.manifest']).toMatchObject({
      evidence: expect.stringMatching(/2 layers and configuration/)
    })
    expect(found['catalog.metadata']).toMatchObject({
      evidence: `revision ${version.fullSha}, linux/amd64, user 1000:1000, port 8000/tcp`
    })
  })

  test('on AWS the registry must be one of ECR, in the region that was named, with credentials', async () => {
    const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
    const credentials = { username: 'AWS', password: 'x' }
    expect(wrong(await findings({ target: 'aws', host, credentials, region: 'eu-west-1' }))).toEqual({})
    expect(wrong(await findings({ target: 'aws', host, region: 'us-east-1' }))).toEqual({
      'catalog.credentials': `none for ${host}`,
      'catalog.region': 'registry in eu-west-1, CDK_DEFAULT_REGION us-east-1'
    })
    expect(wrong(await findings({ target: 'aws', credentials }), 'catalog.region')).toEqual({
      'catalog.reference': expect.stringMatching(/is no ECR registry$/)
    })
  })

  test('a tag of another version is seen', async () => {
    expect(wrong(await findings({ tag: 'other' }), ...aws)).toEqual({
      'catalog.reference': expect.stringMatching(/:other; expected tag abcdef1$/)
    })
  })

  test('a tag that points elsewhere is seen', async () => {
    const harm: Change['harm'] = ({ manifests }) => {
      manifests.set('team/mcp:other', manifests.get('team/mcp:abcdef1') ?? Buffer.alloc(0))
      manifests.delete('team/mcp:abcdef1')
    }
    expect(wrong(await findings({ harm }), ...aws)).toEqual({
      'catalog.tag': expect.stringMatching(/^abcdef1 is nothing; expected sha256:\w+; tags: other$/)
    })
  })

  test('a layer that is lost is seen', async () => {
    const harm: Change['harm'] = ({ blobs }, { layer }) => void blobs.delete(layer)
    expect(wrong(await findings({ harm }), ...aws)).toEqual({
      'catalog.manifest': expect.stringMatching(/^not there: sha256:/)
    })
  })

  test('a manifest that is lost is seen', async () => {
    const harm: Change['harm'] = ({ manifests }, { manifest }) =>
      void manifests.delete(`team/mcp@${manifest}`)
    const lost = expect.stringMatching(/has no team\/mcp@sha256:/)
    expect(wrong(await findings({ harm }), ...aws)).toEqual({
      'catalog.push': lost,
      'catalog.manifest': lost,
      'catalog.metadata': lost
    })
  })

  test('an image of another commit, or one that runs as root, is seen', async () => {
    expect(wrong(await findings({ image: { labels: {}, user: '' } }), ...aws)).toEqual({
      'catalog.metadata': expect.stringMatching(
        /^revision missing, linux\/amd64, user root, .*; expected revision a{40}/
      )
    })
  })

  test('an image for another platform is seen', async () => {
    expect(wrong(await findings({ image: { architecture: 'arm64' } }), ...aws)).toEqual({
      'catalog.metadata': expect.stringMatching(/linux\/arm64, .*; expected .*linux\/amd64/)
    })
  })

  test('a registry that is down is named', async () => {
    const found = await findings({ harm: (server) => void server.close() })
    expect(found['catalog.registry']).toMatch(/registry .* does not answer/)
  })
})

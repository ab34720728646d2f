import { describe, expect, test } from '@jest/globals'
import { readOciArchive } from '@fast-mcp/containers'
import { inFolder, writeImage, type TestImage } from '@fast-mcp/containers/stand-in'
import type { Finding } from '@fast-mcp/validation'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describeArchive } from '../../test/image-workspace.ts'
import type { BaseImage } from '../base-image/base-record.ts'
import { archiveFile } from '../container/image-record.ts'
import { imageProbes } from './image-probes.ts'
import { scanImage } from './image-scan.ts'

const version = { sha: 'abcdef1', fullSha: 'a'.repeat(40), dirty: false, committedAt: '2026-01-02T03:04:05Z' }

const good: TestImage = {
  name: 'quilt-mcp:abcdef1',
  created: '2026-01-02T03:04:05Z',
  labels: { 'org.opencontainers.image.revision': version.fullSha },
  layers: [{ files: { 'etc/x': 'y' } }, { files: { app: undefined, 'app/main.js': 'run()' } }]
}

interface Change {
  readonly image?: Partial<TestImage>
  readonly base?: BaseImage
  readonly again?: string
  readonly record?: { readonly manifestDigest: string }
}

/** What each check finds in an image. */
async function findings({ image, base, again, record }: Change): Promise<Readonly<Record<string, Finding>>> {
  return inFolder(async (workspace) => {
    const path = join(workspace, archiveFile)
    await mkdir(join(path, '..'), { recursive: true })
    await writeImage(path, { ...good, ...image })
    const described = await describeArchive(workspace)
    const archive = await readOciArchive(path)
    const probes = imageProbes({
      workspace,
      version,
      image: { ...described, ...record },
      base: base ?? { kind: 'pulled', reference: 'node:24' },
      archive: () => Promise.resolve(archive),
      scan: () => scanImage(archive),
      buildAgain: () => Promise.resolve(again ?? archive.imageId)
    })
    const { signal } = new AbortController()
    const rows = Object.entries(probes).map(async ([id, probe]) => [id, await probe({ signal })] as const)
    return Object.fromEntries(await Promise.all(rows))
  })
}

function failed(found: Readonly<Record<string, Finding>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(found).flatMap(([id, finding]) =>
      finding.status === 'failed' ? [[id, finding.evidence]] : []
    )
  )
}

describe('the checks on an image', () => {
  test('pass for one that is right', async () => {
    const found = await findings({})
    expect(failed(found)).toEqual({})
    expect(Object.values(found).map((finding) => ('evidence' in finding ? finding.evidence : ''))).toEqual(
      expect.arrayContaining([
        'quilt-mcp:abcdef1',
        version.fullSha,
        'linux/amd64',
        expect.stringMatching(/within 140 MB and 55 MB/),
        'base 0.0 MB in 1, server 0.0 MB in 1 above',
        expect.stringMatching(/^built twice, both sha256:/),
        'none in 2 files, 2 layers and the environment',
        '8000/tcp'
      ])
    )
  })

  test('every one fails where it should, with what was seen', async () => {
    const app = good.layers[1] ?? { files: {} }
    const found = await findings({
      record: { manifestDigest: 'sha256:other' },
      image: {
        name: 'other:1',
        labels: {},
        created: '2026-01-02T03:04:06Z',
        environment: ['API_TOKEN=x'],
        layers: [{ files: { ...('tar' in app.files ? {} : app.files), 'etc/x': 'y', '.env': '' } }]
      }
    })
    expect(failed(found)).toEqual({
      'build.image': expect.stringMatching(/holds sha256:\w+; built was sha256:other/),
      'build.tag': 'other:1; expected quilt-mcp:abcdef1',
      'build.image-label': `label missing\nHEAD  ${version.fullSha}`,
      'build.layers': expect.stringMatching(/: base server/),
      'build.reproducible': expect.stringMatching(
        /committed 2026-01-02T03:04:05Z\n[^]*image 2026-01-02T03:04:06Z/
      ),
      'build.no-secrets': '/.env: a file for credentials (.env)\nenvironment variable API_TOKEN'
    })
  })

  test('a file that is younger than the commit is seen', async () => {
    const modified = new Date('2026-01-02T03:04:07Z')
    const layers = good.layers.map((layer) => ({ ...layer, modified }))
    expect(failed(await findings({ image: { layers } }))).toEqual({
      'build.reproducible': expect.stringContaining('newest file 2026-01-02T03:04:07.000Z')
    })
  })

  test('a second build that differs is shown with both ids', async () => {
    expect(failed(await findings({ again: 'sha256:other' }))).toEqual({
      'build.reproducible': expect.stringMatching(/first {2}sha256:\w+\nsecond sha256:other/)
    })
  })

  test('a base other than the one that was built is seen', async () => {
    const base: BaseImage = {
      kind: 'built',
      imageId: 'x',
      layerDigest: 'sha256:x',
      layerSize: 1,
      node: 'v24',
      packages: []
    }
    expect(failed(await findings({ base }))).toEqual({
      'build.layers': expect.stringMatching(/not that of the base image/)
    })
  })
})

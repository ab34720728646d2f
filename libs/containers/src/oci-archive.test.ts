import { describe, expect, test } from '@jest/globals'
import { CodedError } from '@fast-mcp/errors'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { blobName, inFolder, json, layerTar, sha256, writeImage, type TestImage } from '../test/image.ts'
import { readOciArchive } from './oci-archive.ts'
import { scanLayers } from './oci-layers.ts'

const base = { files: { etc: undefined, 'etc/passwd': 'root' } }
const app = { files: { app: undefined, 'app/main.js': 'run()', 'app/data.txt': 'x'.repeat(200_000) } }

async function written<T>(image: TestImage, work: (path: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const path = join(folder, 'image.tar')
    await writeImage(path, image)
    return work(path)
  })
}

/** The refusal of an image that was changed after it was made. */
async function refusal(change: (entries: Map<string, Buffer>) => void): Promise<CodedError> {
  return written({ layers: [base], change }, async (path) => {
    const error: unknown = await readOciArchive(path).then(scanLayersOf, (reason: unknown) => reason)
    if (error instanceof CodedError) return error
    throw new Error(`not refused: ${String(error)}`)
  })
}

async function scanLayersOf(archive: Awaited<ReturnType<typeof readOciArchive>>): Promise<unknown> {
  return scanLayers(archive, () => undefined).then(
    () => 'read',
    (reason: unknown) => reason
  )
}

describe('reading an OCI archive', () => {
  test('tells digests, config, layers and the size in a registry', async () => {
    const labels = { 'org.opencontainers.image.revision': 'abc' }
    await written({ layers: [base, { ...app, compression: 'gzip' }], labels }, async (path) => {
      const archive = await readOciArchive(path)
      expect(archive).toMatchObject({
        path,
        referenceName: 'quilt-mcp:test',
        annotations: { 'org.example.note': 'kept' },
        config: {
          architecture: 'amd64',
          os: 'linux',
          user: '1000:1000',
          labels,
          exposedPorts: ['8000/tcp'],
          environment: { PATH: '/bin', EMPTY: '', BARE: '' },
          entrypoint: ['node', '/app/main.js'],
          command: [],
          workingFolder: '/'
        }
      })
      const tars = await Promise.all([layerTar(base.files), layerTar(app.files)])
      expect(archive.layers.map(({ diffId }) => diffId)).toEqual(tars.map(sha256))
      expect(archive.layers[1]?.size).toBe(gzipSync(tars[1]).length)
      expect(archive.storedSize).toBeGreaterThan(archive.layers.reduce((sum, { size }) => sum + size, 0))
      expect(archive.manifestDigest).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(archive.imageId).toMatch(/^sha256:[0-9a-f]{64}$/)
    })
  })

  test('takes the whole name where BuildKit puts it', async () => {
    const change = (entries: Map<string, Buffer>): void => {
      const index = String(entries.get('index.json')).replace(
        '"org.opencontainers.image.ref.name":"quilt-mcp:test"',
        '"org.opencontainers.image.ref.name":"test","io.containerd.image.name":"docker.io/library/quilt-mcp:test"'
      )
      entries.set('index.json', Buffer.from(index))
    }
    await written({ layers: [base], change }, async (path) => {
      expect((await readOciArchive(path)).referenceName).toBe('quilt-mcp:test')
    })
  })

  test('a file that is not there is named', async () => {
    await expect(readOciArchive('/nowhere/image.tar')).rejects.toMatchObject({ code: 'output-missing' })
  })

  test('a file that is no tar is refused', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'image.tar')
      await writeFile(path, 'no tar'.repeat(1000))
      await expect(readOciArchive(path)).rejects.toMatchObject({ code: 'archive-invalid' })
    })
  })

  test('a truncated archive is refused', async () => {
    await written({ layers: [base, app] }, async (path) => {
      await truncate(path, 100_000)
      await expect(readOciArchive(path)).rejects.toMatchObject({ code: 'archive-invalid' })
    })
  })

  test('a tar that is no OCI layout is refused', async () => {
    const error = await refusal((entries) => {
      entries.clear()
      entries.set('other', Buffer.from('x'))
    })
    expect(error.message).toMatch(/no OCI image layout/)
  })

  test('a changed blob is refused', async () => {
    await written({ layers: [base, app] }, async (path) => {
      const bytes = await readFile(path)
      const at = bytes.indexOf('run()')
      bytes[at] = bytes.readUInt8(at) + 1
      await writeFile(path, bytes)
      const refused = await readOciArchive(path).catch((error: unknown) => error)
      expect(refused).toMatchObject({
        code: 'archive-invalid',
        message: expect.stringMatching(/the blob named sha256:\w+ has the digest sha256:\w+/)
      })
    })
  })

  test('a missing layer is refused', async () => {
    const layer = await layerTar(base.files)
    const error = await refusal((entries) => entries.delete(blobName(layer)))
    expect(error).toMatchObject({ code: 'archive-invalid', message: expect.stringMatching(/lacks the blob/) })
  })

  test('several images in one archive are refused', async () => {
    const error = await refusal((entries) => {
      const index: { manifests: unknown[] } = JSON.parse(String(entries.get('index.json')))
      entries.set('index.json', json({ ...index, manifests: [...index.manifests, ...index.manifests] }))
    })
    expect(error.message).toMatch(/2 images/)
  })

  test.each([
    ['no JSON', 'index.json', Buffer.from('{')],
    ['of another form', 'index.json', json({ schemaVersion: 1, manifests: [] })]
  ])('an index that is %s is refused', async (_, name, content) => {
    const error = await refusal((entries) => entries.set(name, content))
    expect(error).toMatchObject({ code: 'archive-invalid', message: expect.stringContaining(name) })
  })

  test('a size that is not the blob’s is refused', async () => {
    const error = await refusal((entries) => {
      const index = String(entries.get('index.json')).replace(/"size":\d+/, '"size":1')
      entries.set('index.json', Buffer.from(index))
    })
    expect(error.message).toMatch(/bytes; expected 1/)
  })

  test('a config with another number of layers is refused', async () => {
    const error = await refusal((entries) =>
      rewriteConfig(entries, (text) => text.replace(/"diff_ids":\[.*?\]/, '"diff_ids":[]'))
    )
    expect(error.message).toMatch(/1 layers, the config 0/)
  })
})

describe('reading the layers', () => {
  test.each(['none', 'gzip', 'zstd'] as const)(
    'every file comes with its content, compression %s',
    async (compression) => {
      const modified = new Date('2020-02-02T02:02:02Z')
      await written(
        {
          layers: [
            { ...base, compression },
            { ...app, compression, modified }
          ]
        },
        async (path) => {
          const archive = await readOciArchive(path)
          const seen: Record<string, unknown> = {}
          await scanLayers(
            archive,
            async ({ layer, path: name, type, mode, size, modified: time, content }) => {
              let length = 0
              if (name !== 'app/data.txt') for await (const chunk of content) length += chunk.length
              seen[name] = { layer, type, mode, size, length, time: time.getTime() }
            }
          )
          const [lower, upper] = archive.layers.map(({ digest }) => digest)
          const time = modified.getTime()
          expect(seen).toEqual({
            etc: { layer: lower, type: 'folder', mode: 0o755, size: 0, length: 0, time: 0 },
            'etc/passwd': { layer: lower, type: 'file', mode: 0o644, size: 4, length: 4, time: 0 },
            app: { layer: upper, type: 'folder', mode: 0o755, size: 0, length: 0, time },
            'app/main.js': { layer: upper, type: 'file', mode: 0o644, size: 5, length: 5, time },
            'app/data.txt': { layer: upper, type: 'file', mode: 0o644, size: 200_000, length: 0, time }
          })
        }
      )
    }
  )

  test('a layer that unpacks to something else than the config says is refused', async () => {
    const error = await refusal((entries) =>
      rewriteConfig(entries, (text) => text.replace(/"diff_ids":\["sha256:..../, '"diff_ids":["sha256:0000'))
    )
    expect(error.message).toMatch(/unpacks to sha256:\w+; expected sha256:0000/)
  })

  test('a layer that cannot be unpacked is refused', async () => {
    const tar = Buffer.from('no gzip')
    await inFolder(async (folder) => {
      const path = join(folder, 'image.tar')
      const change = (entries: Map<string, Buffer>): void =>
        rewriteManifest(entries, (text) => text.replace('layer.v1.tar"', 'layer.v1.tar+gzip"'))
      await writeImage(path, { layers: [{ files: { tar } }], change })
      const archive = await readOciArchive(path)
      await expect(scanLayers(archive, () => undefined)).rejects.toMatchObject({
        code: 'archive-invalid',
        message: expect.stringMatching(/cannot be unpacked/)
      })
    })
  })

  test('what the visitor throws comes out', async () => {
    await written({ layers: [base] }, async (path) => {
      const archive = await readOciArchive(path)
      const scan = scanLayers(archive, () => {
        throw new Error('seen enough')
      })
      await expect(scan).rejects.toThrow('seen enough')
    })
  })
})

/** Changes the manifest, and what names it. */
function rewriteManifest(entries: Map<string, Buffer>, edit: (text: string) => string): void {
  const index = String(entries.get('index.json'))
  const old = blobOf(entries, /"manifests":\[\{"mediaType":"[^"]*","digest":"([^"]*)"/, index)
  const changed = Buffer.from(edit(String(entries.get(old))))
  entries.delete(old)
  entries.set(blobName(changed), changed)
  entries.set(
    'index.json',
    Buffer.from(
      index.replace(/"digest":"[^"]*","size":\d+/, `"digest":"${sha256(changed)}","size":${changed.length}`)
    )
  )
}

/** Changes the config, and what names it. */
function rewriteConfig(entries: Map<string, Buffer>, edit: (text: string) => string): void {
  rewriteManifest(entries, (manifest) => {
    const old = blobOf(entries, /"config":\{"mediaType":"[^"]*","digest":"([^"]*)"/, manifest)
    const changed = Buffer.from(edit(String(entries.get(old))))
    entries.delete(old)
    entries.set(blobName(changed), changed)
    return manifest.replace(
      /("config":\{"mediaType":"[^"]*"),"digest":"[^"]*","size":\d+/,
      `$1,"digest":"${sha256(changed)}","size":${changed.length}`
    )
  })
}

function blobOf(entries: Map<string, Buffer>, pattern: RegExp, text: string): string {
  const name = `blobs/${(pattern.exec(text)?.[1] ?? '').replace(':', '/')}`
  if (!entries.has(name)) throw new Error(`${name} is not there`)
  return name
}

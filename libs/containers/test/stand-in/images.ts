import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseImageReference } from '@fast-mcp/versioning'
import { readOciArchive } from '../../src/oci-archive.ts'
import { scanLayers } from '../../src/oci-layers.ts'
import { ociManifest } from '../../src/oci-schema.ts'
import { packImage } from '../image.ts'
import type { Store } from './store.ts'

/** Takes an archive in and gives the image's name. */
export async function load(store: Store, path: string): Promise<string> {
  const archive = await readOciArchive(path)
  const { imageId, config, referenceName = 'none' } = archive
  const root = store.root(imageId)
  rmSync(root, { recursive: true, force: true })
  copyFileSync(path, store.archive(imageId))
  writeFileSync(`${root}.json`, JSON.stringify({ environment: config.environment, labels: config.labels }))
  await scanLayers(archive, async ({ path: name, type, content }) => {
    if (type !== 'file') return
    const chunks: Buffer[] = []
    for await (const chunk of content) chunks.push(chunk)
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), Buffer.concat(chunks))
  })
  store.name(`localhost/${referenceName}`, imageId)
  return `localhost/${referenceName}`
}

const accept = 'application/vnd.oci.image.manifest.v1+json, */*'

/** Takes an image from a registry, with the credentials that an engine of this kind looks for, and gives its id. */
export async function pull(store: Store, kind: string, reference: string): Promise<string> {
  const { registry = '', repository, digest, tag } = parseImageReference(reference)
  const { DOCKER_CONFIG = '', REGISTRY_AUTH_FILE = '' } = process.env
  const file = kind === 'docker' ? join(DOCKER_CONFIG, 'config.json') : REGISTRY_AUTH_FILE
  const auth = existsSync(file) ? /"auth":\s*"([^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1] : undefined
  const get = async (path: string): Promise<Buffer> => {
    const response = await fetch(
      `${registry.startsWith('127.') ? 'http' : 'https'}://${registry}/v2/${repository}/${path}`,
      { headers: { accept, ...(auth === undefined ? {} : { authorization: `Basic ${auth}` }) } }
    )
    if (response.ok) return Buffer.from(await response.arrayBuffer())
    process.stderr.write(`Error: reading ${path} from ${registry}: manifest unknown\n`)
    process.exit(125)
  }
  const manifest = await get(`manifests/${digest ?? tag ?? ''}`)
  const { config, layers } = ociManifest.parse(JSON.parse(manifest.toString()))
  const blobs = await Promise.all([config, ...layers].map((blob) => get(`blobs/${blob.digest}`)))
  const path = join(store.folder, `pull-${process.pid}.tar`)
  await packImage(path, reference, manifest, blobs)
  await load(store, path)
  rmSync(path)
  store.name(reference, config.digest)
  return config.digest
}

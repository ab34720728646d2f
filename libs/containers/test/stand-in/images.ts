import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseImageReference } from '@fast-mcp/versioning'
import { imageRegistry } from '../../src/image-registry.ts'
import { readOciArchive } from '../../src/oci-archive.ts'
import { scanLayers } from '../../src/oci-layers.ts'
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

/** Takes an image's name from a registry; its files are those of the loaded image with the same config. */
export async function pull(store: Store, reference: string): Promise<string> {
  const { registry: host = '', repository, digest, tag } = parseImageReference(reference)
  const found = await imageRegistry({ host, insecure: true }).manifest(repository, digest ?? tag ?? '')
  if (found === undefined) {
    process.stderr.write('Error: reading manifest: manifest unknown\n')
    process.exit(125)
  }
  const id = found.manifest.config.digest
  store.name(reference, id)
  return id
}

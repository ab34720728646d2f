import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { layerTar, writeImage, type TestLayer } from '../image.ts'
import { eachBlob, readOciArchive } from '../../src/oci-archive.ts'
import type { Store } from './store.ts'

/** `podman build` or `docker buildx build` of the server's Dockerfile: the base, the context in /app, the labels. */
export async function build(store: Store, args: readonly string[]): Promise<void> {
  const all = (flag: string): readonly string[] =>
    args.flatMap((word, at) => (args[at - 1] === flag ? [word] : []))
  const values = new Map(
    all('--build-arg').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
  )
  const value = (name: string): string => values.get(name) ?? ''
  const tag = all('--tag')[0]
  const output = new Map(
    (all('--output')[0] ?? '').split(',').map((pair) => [pair.split('=')[0], pair.split('=')[1]])
  )
  const [, path = output.get('dest') ?? '', ...name] = tag?.split(':') ?? []
  const seconds = Number(all('--timestamp')[0] ?? value('SOURCE_DATE_EPOCH'))
  const context = args.at(-1) ?? ''
  await writeImage(path, {
    name: tag === undefined ? (output.get('name') ?? '') : name.join(':'),
    layers: [
      await baseLayer(store, value('BASE'), all('--build-context')[0]),
      { files: { tar: await contextTar(context, new Date(seconds * 1000)) }, compression: 'gzip' }
    ],
    labels: {
      'org.opencontainers.image.revision': value('REVISION'),
      'org.opencontainers.image.version': value('VERSION')
    },
    environment: [`QUILT_MCP_VERSION=${value('VERSION')}`, `QUILT_MCP_REVISION=${value('REVISION')}`],
    created: new Date(seconds * 1000).toISOString()
  })
}

async function baseLayer(store: Store, base: string, context: string | undefined): Promise<TestLayer> {
  const id = store.imageId(base)
  if (id !== undefined) {
    const { layers } = await readOciArchive(store.archive(id))
    const name = `blobs/${layers[0]?.digest.replace(':', '/') ?? ''}`
    let tar = Buffer.alloc(0)
    await eachBlob(store.archive(id), async (blob, _size, content) => {
      const chunks: Buffer[] = []
      for await (const chunk of content) chunks.push(chunk)
      if (blob === name) tar = Buffer.concat(chunks)
    })
    return { files: { tar } }
  }
  const layout = context?.replace('base=oci-layout://', '')
  const held = layout !== undefined && existsSync(join(layout, 'oci-layout'))
  return { files: { 'etc/base': held ? 'a layout' : base } }
}

async function contextTar(context: string, modified: Date): Promise<Buffer> {
  const files: Record<string, string | undefined> = { app: undefined }
  for (const name of readdirSync(context, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(context, name)
    files[`app/${name}`] = statSync(path).isDirectory() ? undefined : readFileSync(path, 'utf8')
  }
  return layerTar(files, modified)
}

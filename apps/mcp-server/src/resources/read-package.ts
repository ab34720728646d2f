import type { FolderChild, Manifest } from '@fast-mcp/quilt'
import type { CallContext } from '../protocol/method.ts'
import type { ServedRegistry } from '../registries.ts'
import { packageUri } from '../tools/access.ts'
import { describeMeta } from '../tools/describe-meta.ts'
import { visibleText } from '../tools/visible.ts'
import { readFile } from './read-file.ts'
import type { ResourceContents } from './resource-contents.ts'

/** Children of a folder that its resource names; package_browse has pages of them. */
const maxChildren = 100
/** Bytes of README.md and quilt_summarize.json that come with a package. */
const maxDocumentBytes = 65_536

export interface OpenPackage {
  readonly uri: string
  readonly name: string
  readonly registry: ServedRegistry
  readonly manifest: Manifest
}

/** What a package is, its README and its quilt_summarize.json where it has them: one part each. */
export async function readPackage(
  opened: OpenPackage,
  context: CallContext
): Promise<readonly ResourceContents[]> {
  const { manifest, registry, name } = opened
  const documents = await Promise.all(
    ['README.md', 'quilt_summarize.json'].map(async (path) => {
      const entry = await manifest.entry(path, { signal: context.signal })
      if (entry === undefined) return []
      const uri = packageUri(registry.uri, name, manifest.topHash, path)
      return [await readFile({ uri, registry, entry, offset: 0, length: maxDocumentBytes }, context)]
    })
  )
  const { header } = manifest
  const { meta: workflow } = describeMeta(header.workflow)
  return [
    await readFolder(opened, '', context, {
      message: header.message === null ? null : visibleText(header.message),
      ...(workflow === undefined ? {} : { workflow }),
      files: manifest.files,
      bytes: manifest.bytes
    }),
    ...documents.flat()
  ]
}

/** What is in a folder of a package, as JSON: the first hundred children, each with the address of its resource. */
export async function readFolder(
  { uri, name, registry, manifest }: OpenPackage,
  path: string,
  { signal }: CallContext,
  about: object = {}
): Promise<ResourceContents> {
  const page = await manifest.folder(path, { limit: maxChildren, signal })
  const address = (child: string): string => packageUri(registry.uri, name, manifest.topHash, child)
  const text = JSON.stringify({
    registry: registry.uri,
    backend: registry.backend.name,
    package: name,
    top_hash: manifest.topHash,
    uri: packageUri(registry.uri, name, manifest.topHash, path === '' ? undefined : path),
    ...about,
    ...describeMeta(page.meta),
    folder: { path, files: page.files, bytes: page.bytes },
    children: page.items.map((child) => describeChild(path, child, address)),
    ...(page.next === undefined ? {} : { more: 'package_browse lists the rest' })
  })
  return { uri, mimeType: 'application/json', text }
}

function describeChild(folder: string, child: FolderChild, address: (path: string) => string): object {
  if (child.kind === 'folder')
    return { path: child.path, files: child.files, bytes: child.bytes, uri: address(child.path) }
  const path = `${folder}${child.name}`
  return { path, size: child.entry.size, uri: address(path) }
}

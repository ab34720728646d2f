import type { CallContext } from '../protocol/method.ts'
import type { Services } from '../services.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import { visible } from '../tools/visible.ts'
import { readFile } from './read-file.ts'
import { readFolder, readPackage } from './read-package.ts'
import type { ResourceContents } from './resource-contents.ts'
import { parseResourceUri } from './resource-uri.ts'
import { serverResources } from './server-resources.ts'

/**
 * Reads the resource of an address: one of the server's own, a package, a folder or a file of one. Throws ToolFailure and
 * QuiltError for one that is not there, cannot be read, or is no address.
 */
export async function readResource(
  uri: string,
  services: Services,
  context: CallContext
): Promise<readonly ResourceContents[]> {
  const own = serverResources.find((resource) => resource.uri === uri)
  if (own !== undefined) return [{ uri, mimeType: own.mimeType, text: await own.read(services, context) }]
  const { registry: registryUri, packageName: name, hash, tag, path, offset, length } = parseResourceUri(uri)
  const { signal } = context
  const registry = await services.registries.get(registryUri, context)
  const topHash = await registry.resolve(name, hash ?? tag, { signal })
  const manifest = await registry.open(topHash, { signal })
  try {
    const opened = { uri, name, registry, manifest }
    if (path === undefined) return await readPackage(opened, context)
    if (path.endsWith('/')) return [await readFolder(opened, path, context)]
    const entry = await manifest.entry(path, { signal })
    if (entry === undefined)
      throw new ToolFailure('entry-not-found', `${visible(name)} has no file ${visible(path)}`, {
        next: 'List the paths with package_browse; a folder has / at its end.'
      })
    const most = Math.min(length ?? services.maxReadBytes, services.maxReadBytes)
    return [await readFile({ uri, registry, entry, offset, length: most }, context)]
  } finally {
    await manifest.close()
  }
}

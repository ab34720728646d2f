import { isQuiltError } from '@fast-mcp/quilt'
import type { CallContext } from '../protocol/method.ts'
import type { ServedRegistry } from '../registries.ts'
import type { Services } from '../services.ts'
import { packageUri } from '../tools/access.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import { visible } from '../tools/visible.ts'
import { serverResources } from './server-resources.ts'

/** Packages on a page. */
const pageSize = 100
/** Registries that are asked for one page: a stack may have hundreds of buckets, most of them without packages. */
const maxRegistries = 10

/** A resource as resources/list gives it. Source: MCP, schema, Resource. */
export interface ListedResource {
  readonly uri: string
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly mimeType?: string
}

export interface ResourcePage {
  readonly resources: readonly ListedResource[]
  readonly nextCursor?: string
}

const ownResources: readonly ListedResource[] = serverResources.map(
  ({ uri, name, title, description, mimeType }) => ({ uri, name, title, description, mimeType })
)

/** The place in the list: a registry, and the cursor of its list of packages. */
interface Place {
  readonly registry: string
  readonly after: string | undefined
}

/**
 * A page of all resources: first those of the server itself, then the packages of every registry the caller can use. A
 * registry that cannot be read is listed as having no packages, and the log says why. Throws ToolFailure `invalid-cursor`.
 */
export async function listResources(
  cursor: string | undefined,
  services: Services,
  context: CallContext
): Promise<ResourcePage> {
  const registries = await services.registries.all(context)
  const start = cursor === undefined ? undefined : decode(cursor)
  const own = start === undefined ? ownResources : []
  const first = start === undefined ? 0 : registries.findIndex(({ uri }) => uri === start.registry)
  if (first === -1) throw invalidCursor()
  const resources: ListedResource[] = [...own]
  let after = start?.after
  for (const [index, registry] of registries.entries()) {
    if (index < first) continue
    if (resources.length >= pageSize || index >= first + maxRegistries)
      return { resources, nextCursor: encode({ registry: registry.uri, after: undefined }) }
    const page = await packagesOf(registry, after, pageSize - resources.length, context)
    resources.push(...page.names.map((name) => describe(registry, name)))
    if (page.next !== undefined)
      return { resources, nextCursor: encode({ registry: registry.uri, after: page.next }) }
    after = undefined
  }
  return { resources }
}

async function packagesOf(
  registry: ServedRegistry,
  after: string | undefined,
  limit: number,
  context: CallContext
): Promise<{ readonly names: readonly string[]; readonly next: string | undefined }> {
  const { signal, log } = context
  try {
    const page = await registry.packages({ limit, signal, ...(after === undefined ? {} : { after }) })
    return { names: page.items.map(({ name }) => name), next: page.next }
  } catch (error) {
    if (isQuiltError(error, 'invalid-cursor') || isQuiltError(error, 'aborted')) throw error
    if (!isQuiltError(error)) throw error
    log.warn({ err: error, registry: registry.uri }, 'packages could not be listed')
    context.notify('warning', `The packages of ${registry.uri} cannot be listed: ${error.message}`)
    return { names: [], next: undefined }
  }
}

function describe(registry: ServedRegistry, name: string): ListedResource {
  return {
    uri: packageUri(registry.uri, name),
    name: visible(name),
    description: `Package in ${registry.uri}`,
    mimeType: 'application/json'
  }
}

function encode({ registry, after }: Place): string {
  return Buffer.from(JSON.stringify(after === undefined ? [registry] : [registry, after])).toString(
    'base64url'
  )
}

function decode(cursor: string): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(value)) {
      const [registry, after]: readonly unknown[] = value
      if (typeof registry === 'string' && (after === undefined || typeof after === 'string'))
        return { registry, after }
    }
  } catch {
    throw invalidCursor()
  }
  throw invalidCursor()
}

function invalidCursor(): ToolFailure {
  return new ToolFailure('invalid-cursor', 'the cursor is not one of this list', {
    next: 'Start again without a cursor, and pass nextCursor on unchanged.'
  })
}

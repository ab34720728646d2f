import { isQuiltError } from '@fast-mcp/quilt'
import type { CallContext } from '../protocol/method.ts'
import type { ServedRegistry } from '../registries.ts'
import type { Services } from '../services.ts'
import { ToolFailure } from '../tools/tool-failure.ts'
import { completePath } from './complete-path.ts'

/** Most values of a completion. Source: MCP, "Completion". */
const maxValues = 100

/** What is completed, and what else is known by then. */
export interface CompletionRequest {
  readonly argument: string
  /** What was typed so far. */
  readonly value: string
  /** Arguments that were given before. */
  readonly known: Readonly<Record<string, string>>
}

export interface Completion {
  readonly values: readonly string[]
  readonly total?: number
  readonly hasMore: boolean
}

/**
 * Values that an argument could have: those that begin with what was typed first, then others that contain it. An
 * argument that nothing is known of has none, and so has one that depends on a package or registry that is not there:
 * whoever types has not come to that yet.
 */
export async function complete(
  request: CompletionRequest,
  services: Services,
  context: CallContext
): Promise<Completion> {
  try {
    return await find(request, services, context)
  } catch (error) {
    if (isQuiltError(error, 'aborted')) throw error
    if (error instanceof ToolFailure || isQuiltError(error)) return { values: [], hasMore: false }
    throw error
  }
}

async function find(
  { argument, value, known }: CompletionRequest,
  services: Services,
  context: CallContext
): Promise<Completion> {
  switch (argument) {
    case 'registry':
      return among(await uris(services, context, ''), value)
    case 'bucket':
      return among(await uris(services, context, 's3://'), value)
    case 'folder':
      return among(await uris(services, context, 'file://'), value)
    case 'package':
      return completePackage(await registryOf(known, services, context), value, services, context)
    case 'revision':
    case 'from':
    case 'to':
      return completeRevision(await registryOf(known, services, context), known['package'], value, context)
    case 'path':
      return completePath(await registryOf(known, services, context), known, value, context)
    default:
      return { values: [], hasMore: false }
  }
}

/** The registries of the caller that begin so, without that beginning. */
async function uris(services: Services, context: CallContext, start: string): Promise<readonly string[]> {
  const all = await services.registries.all(context)
  return all.map(({ uri }) => uri).flatMap((uri) => (uri.startsWith(start) ? [uri.slice(start.length)] : []))
}

function registryOf(
  known: CompletionRequest['known'],
  { registries }: Services,
  context: CallContext
): Promise<ServedRegistry> {
  const { registry, bucket, folder } = known
  return registries.get(
    registry ??
      (bucket === undefined ? undefined : `s3://${bucket}`) ??
      (folder === undefined ? undefined : `file://${folder}`),
    context
  )
}

async function completePackage(
  registry: ServedRegistry,
  value: string,
  { searchIndexes }: Services,
  { signal, principal }: CallContext
): Promise<Completion> {
  const page = await registry.packages({ prefix: value, limit: maxValues, signal })
  if (page.items.length > 0)
    return { values: page.items.map(({ name }) => name), hasMore: page.next !== undefined }
  if (value.trim() === '') return { values: [], hasMore: false }
  // no name begins so: perhaps a word of one does
  const found = await searchIndexes
    .of(registry, principal)
    .packages({ text: value, limit: maxValues, signal })
  return {
    values: found.items.map(({ name }) => name),
    total: found.total,
    hasMore: found.next !== undefined
  }
}

async function completeRevision(
  registry: ServedRegistry,
  name: string | undefined,
  value: string,
  { signal }: CallContext
): Promise<Completion> {
  if (name === undefined) return { values: [], hasMore: false }
  const { items } = await registry.revisions(name, { limit: 1000, signal })
  const tags = items.map(({ pointer }) => pointer).filter((pointer) => !/^\d+$/.test(pointer))
  return among([...new Set([...tags, ...items.map(({ topHash }) => topHash)])], value)
}

/** Of the candidates those that begin with a text, then those that contain it; upper and lower case alike. */
function among(candidates: readonly string[], value: string): Completion {
  const wanted = value.toLowerCase()
  const matching = candidates.filter((candidate) => candidate.toLowerCase().includes(wanted))
  const starting = matching.filter((candidate) => candidate.toLowerCase().startsWith(wanted))
  const values = [...new Set([...starting, ...matching])]
  return {
    values: values.slice(0, maxValues),
    total: values.length,
    hasMore: values.length > maxValues
  }
}

import { createHash } from 'node:crypto'
import type { CallContext } from '../protocol/method.ts'
import type { Services } from '../services.ts'
import { searchSyntax } from './search-syntax.ts'

/** A resource about the server itself, which is always there. */
export interface ServerResource {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: string
  read(services: Services, context: CallContext): Promise<string>
}

export const serverResources: readonly ServerResource[] = [
  {
    uri: 'quilt://search-syntax',
    name: 'search-syntax',
    title: 'How to search',
    description: 'What the query of the tool search may hold, by the engine that answers.',
    mimeType: 'text/markdown',
    read: () => Promise.resolve(searchSyntax)
  },
  {
    uri: 'quilt://registries',
    name: 'registries',
    title: 'Registries',
    description:
      'The registries that the caller can use, with the backend of each and whether it is read-only.',
    mimeType: 'application/json',
    read: async ({ registries }, context) => {
      const all = await registries.all(context)
      return JSON.stringify({
        registries: all.map(({ uri, readOnly, backend }) => ({
          uri,
          default: uri === registries.default,
          read_only: readOnly,
          backend: backend.name,
          ...(backend.catalogUrl === undefined ? {} : { catalog: backend.catalogUrl })
        }))
      })
    }
  },
  {
    uri: 'quilt://principal',
    name: 'principal',
    title: 'Current principal',
    description: 'Who calls, what they may do, and as whom each backend is asked for them.',
    mimeType: 'application/json',
    read: async ({ backends }, context) => {
      const { principal } = context
      const states = await Promise.all(
        backends.map(async (backend) => ({ backend: backend.name, ...(await backend.authStatus(context)) }))
      )
      return JSON.stringify({
        principal: createHash('sha256').update(principal.id).digest('hex').slice(0, 16),
        scopes: [...principal.scopes].sort(),
        backends: states
      })
    }
  },
  {
    uri: 'quilt://server',
    name: 'server',
    title: 'Server',
    description: 'Version, full SHA and uptime of this server, and how much it reads at once.',
    mimeType: 'application/json',
    read: ({ identity, uptime, maxReadBytes }) =>
      Promise.resolve(
        JSON.stringify({
          ...identity,
          uptime_seconds: Math.round(uptime() * 1000) / 1000,
          max_read_bytes: maxReadBytes
        })
      )
  }
]

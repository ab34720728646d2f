import type { Registry } from '@fast-mcp/quilt'
import { registryUri } from './registry-uri.ts'
import { ToolFailure } from './tools/tool-failure.ts'

/** The Quilt registries that the server serves, at least one. */
export interface Registries {
  readonly all: readonly Registry[]
  readonly default: Registry
  /** The registry with that URI, the default one where none is given. Throws ToolFailure `registry-unknown`. */
  get(uri?: string): Registry
}

export function registries(all: readonly [Registry, ...Registry[]]): Registries {
  return {
    all,
    default: all[0],
    get: (uri) => {
      if (uri === undefined) return all[0]
      const wanted = registryUri(uri) ?? uri
      const found = all.find((registry) => registry.uri === wanted)
      if (found === undefined)
        throw new ToolFailure('registry-unknown', 'this server does not serve that registry', {
          next: `Use one of ${all.map((registry) => registry.uri).join(', ')}, or leave registry out for the first.`
        })
      return found
    }
  }
}

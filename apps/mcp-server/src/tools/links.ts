import type { ContentBlock } from '@modelcontextprotocol/sdk/types.js'
import { mediaType } from '../media-type.ts'
import { packageUri } from './access.ts'
import { visible } from './visible.ts'

/** Most links in one result: they are a way on, not a second copy of the list. */
export const maxLinks = 5

/** A package, or one of its files, that a result links to. */
export interface Linked {
  readonly package: string
  readonly hash?: string | undefined
  readonly path?: string | undefined
}

/** Links to the resources of packages and files, the first five. */
export function resourceLinks(registry: string, linked: readonly Linked[]): readonly ContentBlock[] {
  return linked.slice(0, maxLinks).map(({ package: name, hash, path }) => ({
    type: 'resource_link',
    uri: packageUri(registry, name, hash, path),
    name: visible(path ?? name),
    ...(path === undefined ? {} : { mimeType: mediaType(path) })
  }))
}

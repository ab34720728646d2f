import type { Backend } from './backend.ts'

/** Folders of this machine. */
export function localBackend(uris: readonly string[]): Backend {
  return {
    name: 'local',
    catalogUrl: undefined,
    buckets: () => Promise.resolve(uris.map((uri) => ({ name: nameOf(uri), uri }))),
    authStatus: () =>
      Promise.resolve({ authenticated: true, identity: undefined, method: 'none needed: folders' })
  }
}

function nameOf(uri: string): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1))
}

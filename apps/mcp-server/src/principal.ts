/** What a principal may do with data. */
export type Scope = 'read' | 'write'

/** Who calls. Every call has one, whichever door it came through. */
export interface Principal {
  /** Stable, and hashed before it is logged. */
  readonly id: string
  readonly scopes: ReadonlySet<Scope>
  /** The caller's own bearer token, for a Quilt stack; never logged. */
  readonly token: string | undefined
}

/** Whoever is on this machine: the client on stdio, and over HTTP on loopback where there is no authentication. */
export const localPrincipal: Principal = { id: 'local', scopes: new Set(['read', 'write']), token: undefined }

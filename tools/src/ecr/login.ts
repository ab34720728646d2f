import type { RegistryCredentials } from '@fast-mcp/containers'
import { parseEcrHost } from '@fast-mcp/versioning'
import { writeAuthFile } from './auth-file.ts'
import type { EcrClients, RepositoryState } from './registry-account.ts'

export interface LoginOptions {
  readonly workspace: string
  /** Host of the registry. */
  readonly registry: string
  readonly repository: string
  /** @default clients of the registry's region */
  readonly clients?: EcrClients
}

export interface Login {
  readonly clients: EcrClients
  /** Credentials for skopeo and podman. */
  readonly authFile: string
  readonly credentials: RegistryCredentials
  /** Who logged in, as an ARN. */
  readonly caller: string
  readonly repository: RepositoryState
}

/** Logs in to an ECR registry and makes its repository where it is missing. Undefined: the registry is not one of ECR. */
export async function login(options: LoginOptions): Promise<Login | undefined> {
  const ecr = parseEcrHost(options.registry)
  if (ecr === undefined) return undefined
  // The AWS clients are slow to load, and most registries need none.
  const { ecrClients, ecrCredentials, ensureRepository, requireRegistryAccount } =
    await import('./registry-account.ts')
  const clients = options.clients ?? ecrClients(ecr)
  const caller = await requireRegistryAccount(clients, ecr)
  const credentials = await ecrCredentials(clients)
  const repository = await ensureRepository(clients, options.repository)
  return {
    clients,
    caller,
    repository,
    credentials,
    authFile: await writeAuthFile(options.workspace, ecr.host, credentials)
  }
}

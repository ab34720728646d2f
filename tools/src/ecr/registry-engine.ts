import {
  dockerLogin,
  findEngine,
  prepareEngine,
  type Engine,
  type EngineEnvironment
} from '@fast-mcp/containers'
import type { PipelineEnvironment } from '@fast-mcp/validation'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Login } from './login.ts'

export interface RegistryEngineOptions {
  readonly workspace: string
  readonly settings: PipelineEnvironment
  /** Host of the registry. */
  readonly registry: string
  /** Undefined: the registry needs no login. */
  readonly session: Login | undefined
  /** @default prepareEngine(workspace) */
  readonly environment?: EngineEnvironment
  readonly signal?: AbortSignal
}

/**
 * The container engine, able to pull from a registry: podman reads the auth file of the login, docker is logged in
 * with a configuration folder in the workspace that its owner alone may read. In that folder docker finds no context;
 * DOCKER_HOST names a daemon elsewhere.
 */
export async function registryEngine(options: RegistryEngineOptions): Promise<Engine> {
  const { workspace, settings, registry, session, signal } = options
  const prepared = options.environment ?? (await prepareEngine(workspace))
  const signalled = signal === undefined ? {} : { signal }
  if (session === undefined) return findEngine(workspace, settings, { environment: prepared, ...signalled })
  const docker = join(workspace, '.local', 'docker')
  await mkdir(docker, { recursive: true, mode: 0o700 })
  const variables = {
    ...prepared.variables,
    REGISTRY_AUTH_FILE: session.authFile,
    DOCKER_CONFIG: docker
  }
  const engine = await findEngine(workspace, settings, {
    environment: { ...prepared, variables },
    ...signalled
  })
  if (engine.kind === 'docker')
    await dockerLogin({ registry, credentials: session.credentials, environment: engine.environment, signal })
  return engine
}

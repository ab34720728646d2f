import { must } from './engine-command.ts'
import type { EngineEnvironment } from './engine-environment.ts'
import type { RegistryCredentials } from './registry-credentials.ts'

export interface DockerLoginOptions {
  /** Host of the registry. */
  readonly registry: string
  readonly credentials: RegistryCredentials
  /** Its DOCKER_CONFIG is the folder where docker keeps the credentials. */
  readonly environment: EngineEnvironment
  readonly signal?: AbortSignal | undefined
}

/**
 * Logs docker in to a registry. The password goes to its standard input, so that it is on no command line.
 * Throws CodedError `registry-refused` or `registry-unavailable` with docker's words, `missing-tool` without docker.
 */
export async function dockerLogin(options: DockerLoginOptions): Promise<void> {
  const { registry, credentials, environment, signal } = options
  await must(
    { program: 'docker', environment, signal },
    ['login', '--username', credentials.username, '--password-stdin', registry],
    { input: credentials.password }
  )
}

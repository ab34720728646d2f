import { embed, environmentTable } from '@fast-mcp/environment'
import { serverEnvironment } from '../config.ts'

/** docs/backends.md with the table of the variables that name registries and the stack, as the code has them now. */
export function withBackendVariables(page: string): string {
  const variables = serverEnvironment.pick({
    QUILT_REGISTRIES: true,
    QUILT_CATALOG_URL: true,
    QUILT_API_KEY: true,
    QUILT_STACK_TIMEOUT_SECONDS: true,
    SAMPLE: true
  })
  return embed(page, 'backend-variables', environmentTable(variables))
}

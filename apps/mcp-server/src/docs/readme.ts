import { embed, environmentTable } from '@fast-mcp/environment'
import { serverEnvironment } from '../config.ts'

/** The README with the table of the server's variables as the code has them now. */
export function withServerVariables(readme: string): string {
  return embed(readme, 'server-variables', environmentTable(serverEnvironment))
}

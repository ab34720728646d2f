import { embed, environmentTable } from '@fast-mcp/environment'
import { pipelineEnvironment } from '@fast-mcp/validation'

/** The README with the table of the pipeline's variables as the code has them now. */
export function withPipelineVariables(readme: string): string {
  return embed(readme, 'pipeline-variables', environmentTable(pipelineEnvironment))
}

import { readWorkflowConfig } from '@fast-mcp/quilt'
import { z } from 'zod'
import { registryOf } from './access.ts'
import { registryArgument, registryUri } from './arguments.ts'
import { fittingItems } from './page.ts'
import { readOnly, tool } from './tool.ts'
import { visible, visibleText } from './visible.ts'

export const workflowsList = tool({
  name: 'workflows_list',
  title: 'List workflows',
  description: 'Rules that packages of a registry must keep. Use it before package_create.',
  toolset: 'catalog',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({ registry: registryArgument }),
  output: z.strictObject({
    registry: registryUri,
    required: z.boolean().describe('Packages need one'),
    default: z.string().optional().describe('Id used if none is named'),
    workflows: z
      .array(
        z.strictObject({
          id: z.string().describe('For workflow'),
          title: z.string().describe('Its name'),
          description: z.string().optional().describe('What it is for'),
          message_required: z.boolean().describe('A commit message is demanded'),
          name_pattern: z.string().optional().describe('Python pattern to be found in the package name'),
          metadata_schema: z.string().optional().describe('Address of the JSON Schema of the metadata'),
          entries_schema: z.string().optional().describe('Address of the JSON Schema of the entries')
        })
      )
      .describe('{id, title, description, message_required, name_pattern, metadata_schema, entries_schema}')
  }),
  examples: [{}],
  handle: async ({ registry: uri }, context) => {
    const registry = await registryOf(context, uri)
    const config = await readWorkflowConfig(await registry.store(), { signal: context.signal })
    const all = Array.from(config?.workflows ?? [], ([id, workflow]) => {
      const metadata = workflow.metadataSchema && config?.schemas.get(workflow.metadataSchema)
      const entries = workflow.entriesSchema && config?.schemas.get(workflow.entriesSchema)
      return {
        id,
        title: visibleText(workflow.title),
        ...(workflow.description === undefined ? {} : { description: visibleText(workflow.description) }),
        message_required: workflow.isMessageRequired,
        ...(workflow.handlePattern === undefined ? {} : { name_pattern: workflow.handlePattern }),
        ...(metadata === undefined ? {} : { metadata_schema: metadata }),
        ...(entries === undefined ? {} : { entries_schema: entries })
      }
    })
    return {
      structured: {
        registry: registry.uri,
        required: config?.isWorkflowRequired ?? false,
        ...(config?.defaultWorkflow === undefined ? {} : { default: config.defaultWorkflow }),
        workflows: fittingItems(all)
      },
      line: `${visible(registry.uri)} has ${String(all.length)} workflows.`
    }
  }
})

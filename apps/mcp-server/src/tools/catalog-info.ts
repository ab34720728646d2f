import { z } from 'zod'
import { fittingItems } from './page.ts'
import { readOnly, tool } from './tool.ts'

export const catalogInfo = tool({
  name: 'catalog_info',
  title: 'Show the catalog',
  description: 'The Quilt catalog and registries of this server. Use it to learn what may be written.',
  toolset: 'catalog',
  scope: 'read',
  annotations: readOnly,
  input: z.strictObject({}),
  output: z.strictObject({
    catalog_url: z.string().optional().describe('Web address'),
    default_registry: z.string().optional().describe('Meant where none is named'),
    registries: z
      .array(
        z.strictObject({
          uri: z.string().describe('Registry URI'),
          backend: z.string().describe('local, s3 or stack'),
          read_only: z.boolean().describe('Nothing can be written there')
        })
      )
      .describe('{uri, backend, read_only}')
  }),
  examples: [{}],
  handle: async (_, context) => {
    const { registries, backends } = context.services
    const url = backends.find(({ catalogUrl }) => catalogUrl !== undefined)?.catalogUrl
    const all = await registries.all(context)
    return {
      structured: {
        ...(url === undefined ? {} : { catalog_url: url }),
        ...(registries.default === undefined ? {} : { default_registry: registries.default }),
        registries: fittingItems(
          all.map(({ uri, backend, readOnly: isReadOnly }) => ({
            uri,
            backend: backend.name,
            read_only: isReadOnly
          }))
        )
      },
      line: `${url ?? 'No catalog'}; ${String(all.length)} registries.`
    }
  }
})

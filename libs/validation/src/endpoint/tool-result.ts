import { z } from 'zod'
import { shorten } from './evidence.ts'
import type { ListedTool } from './listed-tool.ts'

const resultSchema = z.object({
  content: z.array(z.object({ type: z.string() }).loose()).default([]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional()
})

/**
 * What a good result of tools/call holds, in a few words. Throws an Error for one that is none: not the shape of a
 * result, an error of the tool, no structured content where the tool has an output schema, or content that does not
 * fit it. Source: MCP, "Tools", structured content and output schema.
 */
export function checkToolResult(tool: ListedTool, result: unknown): string {
  const parsed = resultSchema.safeParse(result)
  if (!parsed.success) throw new Error(`not a tool result: ${z.prettifyError(parsed.error)}`)
  const { content, structuredContent, isError } = parsed.data
  if (isError === true) throw new Error(`the tool failed: ${shorten(JSON.stringify(content))}`)
  if (!tool.hasOutputSchema) return `${String(content.length)} content block(s), no output schema`
  if (structuredContent === undefined)
    throw new Error('no structuredContent although the tool has an output schema')
  const fault = tool.checkOutput(structuredContent)
  if (fault !== undefined)
    throw new Error(
      `structuredContent does not fit the output schema: ${fault}\n${shorten(JSON.stringify(structuredContent))}`
    )
  const size = Buffer.byteLength(JSON.stringify(structuredContent))
  return `fits the output schema: ${Object.keys(structuredContent).join(', ')} (${String(size)} bytes)`
}

import { z } from 'zod'
import type { Tool } from '../tools/tool.ts'

/** What this page needs of a property in a JSON schema. */
const property = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional()
})

const objectSchema = z.looseObject({
  properties: z.record(z.string(), property).default({}),
  required: z.array(z.string()).default([])
})

/** docs/tools.md: every tool with its parameters, what it answers and examples, from the tools themselves. */
export function toolsPage(tools: readonly Tool[]): string {
  return [
    '# Tools',
    '',
    '<!-- Written by `node apps/mcp-server/src/docs/main.ts` from apps/mcp-server/src/tools; a test holds it current. -->',
    '',
    'An answer is structured content beside one short line of text. A failure that can be expected has `isError` and says',
    'its code, the reason and the next step, in the text and in `_meta["quilt-mcp/failure"]`. Lists have pages: where an',
    'answer has `next_cursor`, there is more. The examples run on the sample registry.',
    '',
    '| tool | what it does | |',
    '|---|---|---|',
    ...tools.map(
      ({ name, description, scope }) =>
        `| [\`${name}\`](#${name}) | ${firstSentence(description)} | ${scope === 'read' ? 'reads' : 'writes'} |`
    ),
    ...tools.flatMap(section),
    ''
  ].join('\n')
}

function section(tool: Tool): readonly string[] {
  return [
    '',
    `## ${tool.name}`,
    '',
    `**${tool.title}.** ${tool.description}`,
    '',
    ...parameters(tool.input),
    '',
    `Answers: ${answers(tool.output)}.`,
    '',
    '```json',
    ...tool.examples.map((example) => JSON.stringify(example)),
    '```'
  ]
}

function parameters(schema: z.ZodType): readonly string[] {
  const { properties, required } = compile(schema, 'input')
  const rows = Object.entries(properties).map(
    ([name, one]) =>
      `| \`${name}\` | ${typeOf(one)} | ${required.includes(name) ? 'required' : defaultOf(one)} | ${cell(one.description ?? '')} |`
  )
  return rows.length === 0
    ? ['Takes no parameters.']
    : ['| parameter | type | default | what it is |', '|---|---|---|---|', ...rows]
}

function answers(schema: z.ZodType): string {
  const { properties, required } = compile(schema, 'output')
  return Object.keys(properties)
    .map((name) => `\`${name}\`${required.includes(name) ? '' : ' (where there is one)'}`)
    .join(', ')
}

function compile(schema: z.ZodType, io: 'input' | 'output'): z.output<typeof objectSchema> {
  return objectSchema.parse(z.toJSONSchema(schema, { io }))
}

function typeOf({ type, enum: values, minimum, maximum }: z.output<typeof property>): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ')
  const name = typeof type === 'string' ? type : 'any'
  const upTo = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${String(maximum)}`
  return minimum === undefined ? name : `${name}, ${String(minimum)}${upTo === '' ? ' or more' : upTo}`
}

function defaultOf(one: z.output<typeof property>): string {
  return one.default === undefined ? '' : `\`${JSON.stringify(one.default)}\``
}

function firstSentence(text: string): string {
  return cell(text.split(/(?<=\.)\s/)[0] ?? text)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

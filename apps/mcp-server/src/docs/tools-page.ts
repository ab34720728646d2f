import { aliases } from '../tools/aliases.ts'
import type { Tool } from '../tools/tool.ts'
import { schemaRows } from './schema-rows.ts'

/** docs/tools.md: every tool with its arguments, what it answers and examples, from the tools themselves. */
export function toolsPage(tools: readonly Tool[]): string {
  return [
    '# Tools',
    '',
    '<!-- Written by `node apps/mcp-server/src/docs/main.ts` from apps/mcp-server/src/tools; a test holds it current. -->',
    '',
    'An answer is structured content beside one short line of text, with links to the first resources it names. A failure',
    'that can be expected has `isError` and says its code, the reason and the next step, in the text and in',
    '`_meta["quilt-mcp/failure"]`. Lists have pages: where an answer has `next_cursor`, there is more. A result is at most',
    'about 20,000 tokens unless the call asks for more. In text from data, control and invisible characters are shown as',
    '`\\u{…}`; a path that holds such characters stays exact, and stands beside it as `shown`. The examples run on the sample',
    'registry: those of tools that write only plan (`dry_run`), which works on every registry, also on one that is read-only.',
    '',
    '| tool | what it does | toolset | |',
    '|---|---|---|---|',
    ...tools.map(
      ({ name, description, toolset, scope }) =>
        `| [\`${name}\`](#${name}) | ${firstSentence(description)} | ${toolset} | ${scope === 'read' ? 'reads' : 'writes'} |`
    ),
    '',
    ...choosing,
    '',
    ...size,
    '',
    ...oldNames(),
    ...tools.flatMap(section),
    ''
  ].join('\n')
}

const choosing = [
  '## Which tools are listed',
  '',
  'By default all. `--toolsets` and `--tools` (`MCP_TOOLSETS`, `MCP_TOOLS`) list only those, `--exclude-tools`',
  '(`MCP_EXCLUDE_TOOLS`) never these tools or toolsets, `--read-only` (`MCP_READ_ONLY`) only tools that read. Read-only wins',
  'over everything, exclusion over inclusion; an unknown name stops the start. The headers `X-MCP-Toolsets`, `X-MCP-Tools`,',
  '`X-MCP-Exclude-Tools` and `X-MCP-Readonly` of a request narrow the list further, and never widen it.'
]

const size = [
  '## What the list costs',
  '',
  'At most 6,000 tokens (o200k) for all tools, and 3,000 for the default read set: every tool that reads, which is what',
  '`--read-only` leaves, and a server beyond loopback without authentication. So the list shows results one level deep and',
  'without bounds of arguments; this page has both. Examples are listed in `_meta` where the sample registry is served, and',
  'are not counted: models do not see them.'
]

function oldNames(): readonly string[] {
  return [
    '## Old names',
    '',
    'Calls with the names of the Python server are answered, with its names of arguments too. They are never listed.',
    '',
    '| old name | tool |',
    '|---|---|',
    ...Array.from(aliases, ([old, { tool }]) => `| \`${old}\` | [\`${tool}\`](#${tool}) |`)
  ]
}

function section(tool: Tool): readonly string[] {
  return [
    '',
    `## ${tool.name}`,
    '',
    `**${tool.title}.** ${tool.description}`,
    '',
    ...parameters(tool),
    '',
    '| answer | type | what it is |',
    '|---|---|---|',
    ...schemaRows(tool.output, 'output').map(
      ({ name, type, required, description }) =>
        `| \`${name}\`${required ? '' : ' (where there is one)'} | ${type} | ${cell(description)} |`
    ),
    '',
    '```json',
    ...tool.examples.map((example) => JSON.stringify(example)),
    '```'
  ]
}

function parameters(tool: Tool): readonly string[] {
  const rows = schemaRows(tool.input, 'input').map(
    ({ name, type, required, defaultValue, description }) =>
      `| \`${name}\` | ${type} | ${required ? 'required' : defaultValue === undefined ? '' : `\`${defaultValue}\``} | ${cell(description)} |`
  )
  return rows.length === 0
    ? ['Takes no parameters.']
    : ['| parameter | type | default | what it is |', '|---|---|---|---|', ...rows]
}

function firstSentence(text: string): string {
  return cell(text.split(/(?<=\.)\s/)[0] ?? text)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

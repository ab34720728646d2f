import { prompts } from '../prompts/index.ts'
import { serverResources } from '../resources/server-resources.ts'
import { resourceTemplates } from '../resources/templates.ts'

/** docs/resources.md: every resource, template and prompt, from the code. */
export function resourcesPage(): string {
  return [
    '# Resources, prompts and completions',
    '',
    '<!-- Written by `node apps/mcp-server/src/docs/main.ts` from the resources and prompts themselves; a test holds it current. -->',
    '',
    '## Resources',
    '',
    '`resources/list` gives the resources of the server, then the packages of every registry the caller can use, in pages.',
    '',
    '| resource | what it is | type |',
    '|---|---|---|',
    ...serverResources.map(
      ({ uri, description, mimeType }) => `| \`${uri}\` | ${description} | ${mimeType} |`
    ),
    '',
    '## Resource templates',
    '',
    '| address | what it is |',
    '|---|---|',
    ...resourceTemplates.map(({ uriTemplate, description }) => `| \`${uriTemplate}\` | ${description} |`),
    '',
    'A file is text where its bytes are UTF-8, and else a blob; images, audio and video are always blobs. Invisible',
    'characters of text are shown as `\\u{…}`. One read gives at most `MAX_READ_BYTES`: where there is more,',
    '`_meta["quilt-mcp/range"]` has offset, length, size, and the address of the rest as `next`.',
    '',
    'What is not there is an error -32002 (-32602 from revision 2026-07-28 on) with code, reason and next step in `data`.',
    '',
    '## Prompts',
    '',
    ...prompts.flatMap(({ name, title, description, arguments: args }) => [
      `### ${name}`,
      '',
      `**${title}.** ${description}`,
      '',
      '| argument | | what it is |',
      '|---|---|---|',
      ...args.map((one) => `| \`${one.name}\` | ${one.required ? 'required' : ''} | ${one.description} |`),
      ''
    ]),
    '## Completions',
    '',
    'Arguments of prompts and variables of templates are completed: `registry`, `bucket` and `folder` from what is served,',
    '`package` from the list of packages and by words from the search index, `revision`, `from` and `to` from tags and top',
    'hashes, `path` from the index of the package. Give what is known already as `context.arguments`.',
    ''
  ].join('\n')
}

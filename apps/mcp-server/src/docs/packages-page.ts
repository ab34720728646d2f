import { embed } from '@fast-mcp/environment'
import { catalogue } from '@fast-mcp/quilt'

/** docs/packages.md with the table of the errors of the package library, as the code has them now. */
export function withPackageErrors(page: string): string {
  const rows = Object.entries(catalogue)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { means, remedy }]) => `| \`${code}\` | ${cell(means)} | ${cell(remedy)} |`)
  return embed(
    page,
    'package-errors',
    ['| code | what it means | what to do |', '|---|---|---|', ...rows].join('\n')
  )
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

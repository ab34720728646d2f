import { visible } from './visible.ts'

/** Files that a summary shows first, at most. */
const maxShown = 12
/** Files of these types are shown by catalogs. */
const showable = /\.(?:md|csv|tsv|json|png|jpe?g|gif|webp|svg|html|ipynb|parquet|txt|pdf)$/i

export interface Described {
  readonly package: string
  readonly source: string
  readonly message: string | undefined
  readonly files: readonly { readonly path: string; readonly size: number }[]
}

/** README.md of a package made from a folder: where it comes from, and what is in it by folder and type. */
export function generateReadme({ package: name, source, message, files }: Described): string {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  return [
    `# ${name}`,
    '',
    ...(message === undefined ? [] : [message, '']),
    `${String(files.length)} files, ${String(total)} bytes, from \`${visible(source)}\`.`,
    '',
    ...table('folder', files, ({ path }) =>
      path.includes('/') ? `${path.slice(0, path.indexOf('/'))}/` : '(root)'
    ),
    '',
    ...table('type', files, ({ path }) => /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '(none)'),
    ''
  ].join('\n')
}

function table(
  title: string,
  files: Described['files'],
  groupOf: (file: Described['files'][number]) => string
): readonly string[] {
  const groups = [...Map.groupBy(files, groupOf)].sort(([, a], [, b]) => b.length - a.length)
  return [
    `| ${title} | files | bytes |`,
    '|---|---|---|',
    ...groups.slice(0, 50).map(([group, members]) => {
      const bytes = members.reduce((sum, { size }) => sum + size, 0)
      return `| ${visible(group).replaceAll('|', '\\|')} | ${String(members.length)} | ${String(bytes)} |`
    })
  ]
}

/** quilt_summarize.json of such a package: README.md, then files that a catalog can show. Source: Quilt documentation, "quilt_summarize.json". */
export function generateSummary({ files }: Described): string {
  const shown = files
    .filter(({ path }) => showable.test(path) && path !== 'README.md')
    .slice(0, maxShown)
    .map(({ path }) => ({ path, title: path.replace(/^.*\//, '') }))
  return `${JSON.stringify([{ path: 'README.md', expand: true }, ...shown], undefined, 2)}\n`
}

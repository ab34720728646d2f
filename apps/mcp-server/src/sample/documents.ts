import type { DataSets } from './data-sets.ts'
import type { SamplePackage, SampleRevision } from './packages.ts'

/** README.md of a sample revision: what it is, and for every file what it holds, from whom and under which licence. */
export function readme({ title }: SamplePackage, revision: SampleRevision, dataSets: DataSets): string {
  const rows = Object.entries(revision.data).map(([key, name]) => {
    const { description, licence, source } = dataSets.get(name)
    return `| \`${key}\` | ${cell(description)} | ${cell(source)} | ${cell(licence)} |`
  })
  return `# ${title}

${revision.readme}

| file | what it holds | source | licence |
|---|---|---|---|
${rows.join('\n')}

The files come unchanged from the npm package vega-datasets ${dataSets.version}.
`
}

/** quilt_summarize.json of a sample revision: what the catalog shows first. Source: Quilt documentation, "quilt_summarize.json". */
export function summary({ title }: SamplePackage, revision: SampleRevision): string {
  const data = Object.keys(revision.data).map((path) => ({ path, title: path.replace(/^.*\//, '') }))
  return `${JSON.stringify([{ path: 'README.md', title, expand: true }, ...data], undefined, 2)}\n`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

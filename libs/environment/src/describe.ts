import { z } from 'zod'
import { metaOf } from './environment.ts'

interface Row {
  readonly name: string
  readonly description: string
  readonly accepts: string
  readonly unset: string
}

function rows(schema: z.ZodObject): readonly Row[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    if (!(field instanceof z.ZodType)) throw new TypeError(`${name} is not a zod schema`)
    const meta = metaOf(name, field)
    return {
      name,
      description: meta.description,
      accepts: meta.accepts,
      unset: meta.unset ?? defaultOf(field)
    }
  })
}

function defaultOf(field: z.ZodType): string {
  const value = field.safeParse(undefined)
  if (!value.success || value.data === undefined) return 'unset'
  return typeof value.data === 'string' ? value.data : JSON.stringify(value.data)
}

/** All variables as text for --help: name, description, accepted values, default. Ends with a newline. */
export function environmentHelp(schema: z.ZodObject): string {
  const width = Math.max(...Object.keys(schema.shape).map((name) => name.length)) + 2
  return rows(schema)
    .map(
      (row) =>
        `  ${row.name.padEnd(width)}${row.description}\n  ${' '.repeat(width)}${row.accepts}; default: ${row.unset}\n`
    )
    .join('')
}

/** All variables as a Markdown table for the README. Ends with a newline. */
export function environmentTable(schema: z.ZodObject): string {
  const escape = (text: string): string => text.replaceAll('|', '\\|')
  return [
    '| variable | what it is | accepted | default |',
    '|---|---|---|---|',
    ...rows(schema).map(
      (row) =>
        `| \`${row.name}\` | ${escape(row.description)} | ${escape(row.accepts)} | ${escape(row.unset)} |`
    ),
    ''
  ].join('\n')
}

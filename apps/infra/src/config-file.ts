import { CodedError } from '@fast-mcp/errors'
import { writeAtomically } from '@fast-mcp/validation'
import { readIfThere } from './read-if-there.ts'

/** Where the file lies, below the workspace. */
export const configPath = '.config'

const line = /^([A-Z][A-Z0-9_]*)=(?:'([^'\r\n]*)'|([A-Za-z0-9._:/@%+,-]*))$/

/**
 * Writes values as dotenv text, aside and then in place. A value that is more than letters, digits and . _ : / @ % + , -
 * stands in single quotes, in which neither dotenv nor a shell expands anything.
 *
 * Throws CodedError `internal` for a name or a value that dotenv cannot hold so: lower case, a quote, a line break.
 */
export async function writeConfigFile(path: string, values: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(values).map(([name, value]) => {
    const plain = `${name}=${value}`
    const text = line.test(plain) ? plain : `${name}='${value}'`
    if (!line.test(text))
      throw new CodedError('internal', `${JSON.stringify(plain)} cannot be written to ${path}`, {
        remedy: 'Leave out quotes and line breaks.'
      })
    return `${text}\n`
  })
  await writeAtomically(path, `# Written by infra:deploy. Read as text; never execute it.\n${lines.join('')}`)
}

/**
 * The values in a file that `writeConfigFile` wrote; undefined where there is none. Nothing in it is executed or
 * expanded. Throws CodedError `state-invalid` that names the first line which is not of that form.
 */
export async function readConfigFile(path: string): Promise<Readonly<Record<string, string>> | undefined> {
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  const rows = text.split('\n').filter((row) => row.trim() !== '' && !row.startsWith('#'))
  return Object.fromEntries(
    rows.map((row) => {
      const [, name, quoted, plain] = line.exec(row) ?? []
      if (name === undefined)
        throw new CodedError('state-invalid', `${path} has a line that is no NAME=value`, {
          evidence: row.slice(0, 200),
          remedy: 'Run `make deploy`, which writes it again.'
        })
      return [name, quoted ?? plain ?? '']
    })
  )
}

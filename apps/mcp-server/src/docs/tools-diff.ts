/** What a change does to the list of tools. */
export interface ToolsDiff {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Every member that differs, by path, with both values as JSON; undefined where there is none. */
  readonly changed: readonly Change[]
}

export interface Change {
  readonly tool: string
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Compares snapshots of tools, by file name. */
export function diffTools(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>
): ToolsDiff {
  const name = (file: string): string => file.replace(/\.json$/, '')
  return {
    added: [...after.keys()].filter((file) => !before.has(file)).map(name),
    removed: [...before.keys()].filter((file) => !after.has(file)).map(name),
    changed: [...after].flatMap(([file, text]) => {
      const old = before.get(file)
      return old === undefined ? [] : changes(name(file), leaves(JSON.parse(old)), leaves(JSON.parse(text)))
    })
  }
}

function changes(
  tool: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>
): readonly Change[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  return paths
    .map((path) => ({ tool, path, before: before.get(path), after: after.get(path) }))
    .filter((change) => change.before !== change.after)
}

/** Everything in a JSON value that is not an object, as JSON, by path. */
function leaves(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[path, JSON.stringify(value)]])
  return new Map(
    Object.entries(value).flatMap(([key, member]) => [
      ...leaves(member, path === '' ? key : `${path}.${key}`)
    ])
  )
}

/** The diff as lines for a person, with the tokens of the whole list before and after. */
export function formatToolsDiff(
  { added, removed, changed }: ToolsDiff,
  tokens: { readonly before: number; readonly after: number }
): string {
  const lines = [
    ...removed.map((tool) => `- ${tool}`),
    ...added.map((tool) => `+ ${tool}`),
    ...changed.flatMap(({ tool, path, before, after }) => [
      `~ ${tool} ${path}`,
      ...(before === undefined ? [] : [`    - ${before}`]),
      ...(after === undefined ? [] : [`    + ${after}`])
    ])
  ]
  if (lines.length === 0) lines.push('The list of tools is the same.')
  return [...lines, `tokens: ${String(tokens.before)} before, ${String(tokens.after)} after`, ''].join('\n')
}

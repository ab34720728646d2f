/** What an old name of a tool stands for now. */
export interface Alias {
  readonly tool: string
  /** Arguments that the old name implies. */
  readonly implied?: Readonly<Record<string, unknown>>
}

/**
 * Names that tools had in the Python server, for clients and prompts that still use them: accepted in calls and
 * filters, never listed. Source: quiltdata/quilt-mcp-server, 2025-08 to 0.21.
 */
export const aliases: ReadonlyMap<string, Alias> = new Map([
  ['packages_search', { tool: 'search', implied: { in: 'packages' } }],
  ['package_contents_search', { tool: 'search', implied: { in: 'entries' } }],
  ['package_update', { tool: 'package_patch' }],
  ['package_create_from_s3', { tool: 'package_create_from_prefix' }],
  ['bucket_list', { tool: 'buckets_list' }],
  ['bucket_objects_list', { tool: 'objects_list' }],
  ['bucket_object_info', { tool: 'object_info' }],
  ['bucket_object_text', { tool: 'object_read', implied: { encoding: 'text' } }],
  ['bucket_object_fetch', { tool: 'object_read' }],
  ['bucket_object_link', { tool: 'object_link' }],
  ['bucket_objects_put', { tool: 'objects_put' }],
  ['bucket_objects_search', { tool: 'search', implied: { in: 'objects' } }],
  ['search_catalog', { tool: 'search' }],
  ['catalog_name', { tool: 'catalog_info' }],
  ['filesystem_status', { tool: 'server_status' }]
])

/** Old names of arguments, by the name the tool has for it now. */
const oldArguments: ReadonlyMap<string, readonly string[]> = new Map([
  ['package', ['package_name', 'package1_name']],
  ['other_package', ['package2_name']],
  ['from', ['package1_hash']],
  ['to', ['package2_hash']],
  ['uri', ['s3_uri']],
  ['length', ['max_bytes']],
  ['expires', ['expiration']],
  ['limit', ['max_keys', 'top', 'max_results']],
  ['cursor', ['continuation_token']],
  ['meta', ['metadata']],
  ['include', ['include_patterns']],
  ['exclude', ['exclude_patterns']],
  ['catalog', ['catalog_host']],
  ['revision', ['top_hash']],
  ['entries', ['s3_uris']],
  ['set', ['s3_uris']]
])

/** Arguments of the Python server that change nothing here. */
const ignored: ReadonlySet<string> = new Set([
  'include_signed_urls',
  'include_file_info',
  'flatten',
  'backend',
  'include_metadata',
  'explain_query',
  'confirm_structure',
  'auto_organize',
  'base64_encode',
  'include_fields'
])

/**
 * Arguments with their old names replaced, for a tool that knows the new ones. What the tool knows itself stays as it
 * is, and so does what nobody knows: the tool refuses it. An empty text meant "not given", and is left out.
 */
export function currentArguments(
  args: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>
): Readonly<Record<string, unknown>> {
  if (Object.keys(args).every((name) => known.has(name))) return args
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) => {
      if (known.has(name)) return [[name, value]]
      const now = newName(name, known)
      if (now === undefined) return ignored.has(name) ? [] : [[name, value]]
      if (value === '' || value === null) return []
      return [[now, now === 'entries' || now === 'set' ? sources(value) : value]]
    })
  )
}

function newName(old: string, known: ReadonlySet<string>): string | undefined {
  for (const [now, names] of oldArguments) if (known.has(now) && names.includes(old)) return now
  return undefined
}

/** A list of addresses as entries that are named after the last part of each. */
function sources(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((uri: unknown) => (typeof uri === 'string' ? { uri } : uri))
}

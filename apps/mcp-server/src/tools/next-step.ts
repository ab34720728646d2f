import { catalogue, type QuiltError, type QuiltErrorCode } from '@fast-mcp/quilt'

/** What to do about failures that tools can help with, in the names of the tools. */
const steps: Partial<Record<QuiltErrorCode, string>> = {
  'package-not-found': 'List the names with packages_list, or look for one with search.',
  'revision-not-found': 'Use latest, a pointer or a top hash that package_versions lists.',
  'invalid-top-hash':
    'There is no tag of that name, and it is no top hash: package_versions lists both; give at least 6 digits of a top hash.',
  'ambiguous-hash': 'Give more digits of the top hash; package_versions lists them.',
  'folder-not-found': 'List the folders with package_browse; a file is read with object_read.',
  'entry-not-found': 'List the paths with package_browse, or look for one with search.',
  'object-not-found': 'Check the address and version; objects_list shows what there is.',
  'bucket-not-found': 'Check the name; buckets_list lists the buckets you may use.',
  'invalid-cursor': 'Start again without cursor, and pass next_cursor on unchanged.',
  'workflow-failed': 'Correct what the reason names, or choose another workflow; workflows_list lists them.'
}

/** The next step that a caller of tools is told: what the error itself says, or where that is said of every error of its code, in the names of the tools. */
export function nextStep({ code, remedy }: QuiltError): string {
  return remedy === catalogue[code].remedy ? (steps[code] ?? remedy) : remedy
}

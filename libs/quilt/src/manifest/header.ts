import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts'
import type { ManifestHeader } from '../types.ts'

/** The header of a manifest, from the object of its first line without `top_hash`. */
export function describeHeader(raw: JsonObject): ManifestHeader {
  const message = raw.get('message')
  return {
    message: typeof message === 'string' ? message : null,
    userMeta: raw.get('user_meta'),
    workflow: raw.get('workflow'),
    version: raw.get('version'),
    raw
  }
}

/** What decides the place of the fields in the first line of a manifest. */
export interface HeaderFields {
  /** Undefined: as it was, or none. */
  readonly userMeta?: JsonValue | undefined
  /** Undefined: none, as where a registry has no workflows configuration. */
  readonly workflow: JsonObject | undefined
  readonly message: string | null
}

/**
 * The header of a new revision. Fields of the base keep their places, new ones follow in the order user_meta, workflow,
 * message; a workflow of the base goes away where the new revision has none.
 *
 * @param base header of the revision that is built on; `{"version": "v0"}` for a new package
 */
export function nextHeader(base: JsonObject | undefined, fields: HeaderFields): JsonObject {
  const header = new Map(base ?? [['version', 'v0']])
  if (fields.userMeta !== undefined) header.set('user_meta', fields.userMeta)
  if (isJsonObject(fields.workflow) && fields.workflow.size > 0) header.set('workflow', fields.workflow)
  else header.delete('workflow')
  header.set('message', fields.message)
  return header
}

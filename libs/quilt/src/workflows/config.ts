import { QuiltError } from '../error.ts'
import { fromPlain } from '../json/index.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts'
import { configSchema } from './config-schema.ts'
import { fromYaml } from './from-yaml.ts'
import { JsonSchema } from './json-schema.ts'
import { isOtherKey } from './python-object.ts'

/** One workflow of a registry. */
export interface Workflow {
  readonly title: string
  readonly description: string | undefined
  /** Python pattern that must be found in the package name. */
  readonly handlePattern: string | undefined
  /** Id of the schema of the package's user metadata. */
  readonly metadataSchema: string | undefined
  /** Id of the schema of the list of entries. */
  readonly entriesSchema: string | undefined
  readonly isMessageRequired: boolean
}

/** The workflows configuration of a registry, `.quilt/workflows/config.yml`. */
export interface WorkflowConfig {
  readonly isWorkflowRequired: boolean
  readonly defaultWorkflow: string | undefined
  readonly workflows: ReadonlyMap<string, Workflow>
  /** Addresses of schemas by id. */
  readonly schemas: ReadonlyMap<string, string>
}

/** The newest version of the format that is known. */
const newest = [1n, 1n, 0n] as const

const schema = new JsonSchema(fromPlain(configSchema))

/**
 * Reads a workflows configuration. Throws `workflow-config-invalid` with the message of quilt3 8.0.0
 * (workflows/__init__.py `WorkflowConfig.load`).
 */
export function parseWorkflowConfig(bytes: Uint8Array): WorkflowConfig {
  const config = fromYaml(bytes)
  const error = schema.firstError(config)
  if (error !== undefined) throw invalid(`Workflows config failed validation: ${error}.`)
  const root = objectOf(config)
  checkVersion(root.get('version') ?? null)
  const defaultWorkflow = root.get('default_workflow')
  return {
    isWorkflowRequired: root.get('is_workflow_required') !== false,
    defaultWorkflow: typeof defaultWorkflow === 'string' ? defaultWorkflow : undefined,
    workflows: byText(root.get('workflows'), workflowOf),
    schemas: byText(root.get('schemas'), (each) => textOf(each.get('url')) ?? '')
  }
}

function workflowOf(fields: JsonObject): Workflow {
  return {
    title: textOf(fields.get('name')) ?? '',
    description: textOf(fields.get('description')),
    handlePattern: textOf(fields.get('handle_pattern')),
    metadataSchema: textOf(fields.get('metadata_schema')),
    entriesSchema: textOf(fields.get('entries_schema')),
    isMessageRequired: fields.get('is_message_required') === true
  }
}

function checkVersion(version: JsonValue): void {
  const text = textOf(isJsonObject(version) ? version.get('base') : version) ?? ''
  const [major = 0n, minor = 0n, patch = 0n] = text.split('.').map(BigInt)
  const isNewer =
    major !== newest[0] ? major > newest[0] : minor !== newest[1] ? minor > newest[1] : patch > newest[2]
  if (isNewer) throw invalid(`Version '${String(major)}.${String(minor)}.${String(patch)}' is not supported`)
}

/** The members of an object whose keys are texts; no other can be asked for. */
function byText<T>(value: JsonValue | undefined, made: (member: JsonObject) => T): ReadonlyMap<string, T> {
  const members = [...objectOf(value)].filter(([id]) => !isOtherKey(id))
  return new Map(members.map(([id, each]) => [id, made(objectOf(each))]))
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : new Map()
}

/** A string; empty ones count as none, as in Python where a string is asked whether it is true. */
function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function invalid(message: string): QuiltError {
  return new QuiltError('workflow-config-invalid', message)
}

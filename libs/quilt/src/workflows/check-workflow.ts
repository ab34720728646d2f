import { QuiltError } from '../error.ts'
import { encodeForManifest } from '../json/encode.ts'
import { emptyObject, type JsonObject, type JsonValue } from '../json/value.ts'
import { formatPhysicalKey } from '../physical-key.ts'
import { Pace } from '../pace.ts'
import type { CallOptions, PhysicalKey } from '../types.ts'
import type { Task } from '../worker/protocol.ts'
import { parseWorkflowConfig, type Workflow, type WorkflowConfig } from './config.ts'
import { compilePattern } from './python-pattern.ts'
import { pythonRepr } from './python-repr.ts'
import { WorkflowSchemas, type ReadObject } from './schemas.ts'

/** What is about to be pushed. */
export interface Candidate {
  readonly name: string
  readonly message: string | null
  /** Undefined where it was never set. */
  readonly userMeta: JsonValue | undefined
  /** `{logical_key, size, meta}` of every entry in walk order; asked for only where a workflow looks at entries. */
  entries(): AsyncIterable<JsonValue>
}

/** The configuration of a registry as it was read, with its version. */
export interface FoundConfig {
  readonly bytes: Uint8Array
  readonly physicalKey: PhysicalKey
}

const none: Workflow = {
  title: '',
  description: undefined,
  handlePattern: undefined,
  metadataSchema: undefined,
  entriesSchema: undefined,
  isMessageRequired: false
}

/**
 * Checks a package against a workflow of its registry and returns the `workflow` field of its header.
 * Throws `workflow-failed` and `workflow-config-invalid` with the messages of quilt3 8.0.0 (workflows/__init__.py).
 *
 * @param id of the workflow; undefined for the default one, null for none
 * @param run does work in another thread: a pattern or a schema of the registry may take its time
 */
export async function checkWorkflow(
  found: FoundConfig | undefined,
  id: string | null | undefined,
  candidate: Candidate,
  read: ReadObject,
  run: (task: Task) => Promise<unknown>,
  options: CallOptions
): Promise<JsonObject> {
  if (found === undefined)
    throw failed(`${pythonRepr(id ?? null)} workflow is specified, but no workflows config exist.`)
  const config = parseWorkflowConfig(found.bytes)
  const chosen = id === undefined ? (config.defaultWorkflow ?? null) : id
  const workflow = choose(config, chosen)
  // What the configuration is wrong about comes before what the package is wrong about.
  const { handlePattern } = workflow
  if (handlePattern !== undefined) compilePattern(handlePattern)
  const schemas = new WorkflowSchemas(config.schemas, found.physicalKey.kind === 's3', read)
  const load = async (schema: string | undefined) =>
    schema === undefined ? undefined : await schemas.load(schema, options)
  const metadataSchema = await load(workflow.metadataSchema)
  const entriesSchema = await load(workflow.entriesSchema)

  if (workflow.isMessageRequired && (candidate.message ?? '') === '')
    throw failed('Commit message is required by workflow, but none was provided.')
  if (
    handlePattern !== undefined &&
    (await run({ kind: 'match-pattern', pattern: handlePattern, text: candidate.name })) === false
  )
    throw failed("Package name doesn't match required pattern.")
  const check = async (
    schema: string | undefined,
    value: () => Promise<string>,
    what: string
  ): Promise<void> => {
    if (schema === undefined) return
    const error = await run({ kind: 'check-schema', schema, value: await value() })
    if (typeof error === 'string') throw failed(`${what} failed validation: ${error}.`)
  }
  const { userMeta = emptyObject } = candidate
  await check(metadataSchema, () => Promise.resolve(encodeForManifest(userMeta)), 'Metadata')
  await check(entriesSchema, () => listText(candidate.entries()), 'Package entries')

  const field = new Map<string, JsonValue>([
    ['id', chosen],
    ['config', formatPhysicalKey(found.physicalKey)]
  ])
  return schemas.loaded.size === 0 ? field : field.set('schemas', schemas.loaded)
}

/** A list of many values as JSON. */
async function listText(values: AsyncIterable<JsonValue>): Promise<string> {
  const pace = new Pace()
  const texts: string[] = []
  for await (const value of values) {
    texts.push(encodeForManifest(value))
    if (pace.isDue) await pace.rest()
  }
  return `[${texts.join(',')}]`
}

function choose(config: WorkflowConfig, id: string | null): Workflow {
  if (id === null) {
    if (config.isWorkflowRequired) throw failed('Workflow required, but none specified.')
    return none
  }
  const workflow = config.workflows.get(id)
  if (workflow !== undefined) return workflow
  throw failed(`There is no ${pythonRepr(id)} workflow in config.`)
}

function failed(message: string): QuiltError {
  return new QuiltError('workflow-failed', message)
}

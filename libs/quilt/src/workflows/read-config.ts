import { QuiltError } from '../error.ts'
import { workflowConfigKey } from '../registry/layout.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { CallOptions } from '../types.ts'
import type { WorkflowConfig } from './config.ts'

/** Bytes of the largest configuration that is read. */
const maxBytes = 1024 * 1024

/**
 * The workflows of the registry that keeps its files in a store; undefined where it has none. Throws
 * `workflow-config-invalid`, and what the store throws.
 */
export async function readWorkflowConfig(
  store: ObjectStore,
  options: CallOptions = {}
): Promise<WorkflowConfig | undefined> {
  const head = await store.head(workflowConfigKey, options)
  if (head === undefined) return undefined
  if (head.size > maxBytes)
    throw new QuiltError('workflow-config-invalid', `${workflowConfigKey} has more than 1 MiB`)
  // Most registries have no workflows, and reading YAML has to be loaded.
  const { parseWorkflowConfig } = await import('./config.ts')
  return parseWorkflowConfig(await store.get(workflowConfigKey, options))
}

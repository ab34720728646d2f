import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseImageReference } from '@fast-mcp/versioning'
import { askTask } from './tasks/ask-task.ts'

const answerLimitMs = 250

/** `127.0.0.1:<port>` where an image comes from the registry that the workspace runs itself; undefined for any other. */
export function ownRegistryHost(workspace: string, reference: string): string | undefined {
  const { registry } = parseImageReference(reference)
  const isOwn = registry?.startsWith('127.0.0.1:') === true
  return isOwn && existsSync(join(workspace, '.local/registry/state.json')) ? registry : undefined
}

/** Whether a registry on this machine answers. Source: OCI Distribution Specification 1.1, "Determining Support". */
export async function registryAnswers(host: string): Promise<boolean> {
  return askTask(Number(host.split(':')[1]), '/v2/', {}, answerLimitMs).then(
    ({ status }) => status === 200,
    () => false
  )
}

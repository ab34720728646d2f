import { formatDuration } from '@fast-mcp/validation'
import { versionTag } from '@fast-mcp/versioning'
import type { Deployment } from './target.ts'

/** One line that says what is live now, where, and whether anything had to be done for it. */
export function describeDeployment({ version, endpoint, changed }: Deployment, ms: number): string {
  const what = `${versionTag(version)} is live at ${endpoint}`
  return changed
    ? `  ${what} (${formatDuration(ms)})`
    : `  ${what}; nothing changed, nothing was done (${formatDuration(ms)})`
}

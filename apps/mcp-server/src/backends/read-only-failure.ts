import { ToolFailure } from '../tools/tool-failure.ts'

/** What is told to whoever would write to a registry that is marked read-only. */
export function readOnlyFailure(uri: string): ToolFailure {
  return new ToolFailure('read-only', `${uri} is served read-only`, {
    next: 'Write to another registry, or start the server without ?readonly behind this one in QUILT_REGISTRIES.'
  })
}

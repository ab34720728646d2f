/** Protocol revisions that the doors of this folder speak, oldest first. Source: modelcontextprotocol.io, "Versioning". */
export const revisions = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const

export type Revision = (typeof revisions)[number]

export const newestRevision: Revision = '2025-11-25'

/** What a request without the header MCP-Protocol-Version speaks: the header came with the revision after this one. */
export const revisionWithoutHeader: Revision = '2025-03-26'

/** The revision of that name, or undefined. */
export function knownRevision(name: string): Revision | undefined {
  return revisions.find((revision) => revision === name)
}

/** Only this revision has batches: they came with it and went with the next. */
export function hasBatches(revision: Revision): boolean {
  return revision === '2025-03-26'
}

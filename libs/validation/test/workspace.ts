import type { Version } from '@fast-mcp/versioning'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const version: Version = {
  sha: '1a2b3c4',
  fullSha: '1a2b3c4'.padEnd(40, '0'),
  dirty: false,
  committedAt: '2026-01-02T03:04:05Z'
}

/** Does the work in a new empty folder and removes it. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fast-mcp-validation-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

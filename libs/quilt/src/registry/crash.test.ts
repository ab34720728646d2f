import { expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { killWriters } from '../../test/crash/kill-writers.ts'

test('a registry whose writer is killed at any moment still lists, opens and verifies', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crash-'))
  try {
    expect((await killWriters(folder, 3)).withLatest).toBeGreaterThan(0)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 60_000)

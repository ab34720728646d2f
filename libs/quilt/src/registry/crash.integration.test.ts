import { expect, test } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { killWriters } from '../../test/crash/kill-writers.ts'
import { openRegistry } from './open-registry.ts'

test('a registry survives a hundred writers that are killed at random moments, and can be written again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crash-'))
  try {
    const { withLatest, verified } = await killWriters(folder, 100)
    expect(withLatest).toBeGreaterThan(50)
    expect(verified).toBeGreaterThan(100)
    const registry = openRegistry(`file://${folder}`)
    const { topHash } = await registry.newPackage().push('crash/test', { force: true })
    expect(await registry.resolve('crash/test')).toBe(topHash)
    // Nothing but objects, and what the last kills left of temporary files.
    const names = await readdir(folder, { recursive: true })
    expect(names.filter((name) => name.endsWith('.partial')).length).toBeLessThan(101)
  } finally {
    await rm(folder, { recursive: true })
  }
}, 600_000)

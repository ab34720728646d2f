import { expect, test } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import { findCycles, formatCycle } from './find-cycles.ts'
import { importGraph, sourceFiles } from './import-graph.ts'

const workspace = fileURLToPath(new URL('../../..', import.meta.url))

test('the sources of this workspace import each other without a cycle', async () => {
  const files = sourceFiles(workspace)
  expect(files.length).toBeGreaterThan(50)
  expect(files).toContain('tools/src/import-cycles/find-cycles.ts')
  const graph = await importGraph(workspace, files)
  expect(graph.get('tools/src/import-cycles/find-cycles.ts')).toEqual([])
  expect(graph.get('libs/validation/src/run/run-phase.ts')).toContain('libs/versioning/src/index.ts')
  expect(findCycles(graph).map(formatCycle)).toEqual([])
})

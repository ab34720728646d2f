import { describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findCycles, formatCycle } from './find-cycles.ts'
import { importGraph, sourceFiles } from './import-graph.ts'

async function cyclesIn(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fast-mcp-cycles-'))
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), content)
    }
    await mkdir(join(folder, 'node_modules', '@fast-mcp'), { recursive: true })
    await symlink('../../libs/one', join(folder, 'node_modules', '@fast-mcp', 'one'))
    return findCycles(await importGraph(folder, sourceFiles(folder))).map(formatCycle)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const packageJson = JSON.stringify({ name: '@fast-mcp/one', exports: { '.': './src/index.ts' } })

describe('a cycle is found', () => {
  test('between two files', async () => {
    const cycles = await cyclesIn({
      'libs/one/src/a.ts': "import { b } from './b.ts'\nexport const a = () => b",
      'libs/one/src/b.ts': "import { a } from './a.ts'\nexport const b = () => a"
    })
    expect(cycles).toEqual(['libs/one/src/a.ts -> libs/one/src/b.ts -> libs/one/src/a.ts'])
  })

  test('across projects, by package name and through a dynamic import', async () => {
    const cycles = await cyclesIn({
      'libs/one/package.json': packageJson,
      'libs/one/src/index.ts': "export * from './load.ts'",
      'libs/one/src/load.ts': "export const load = () => import('../../../tools/src/x/main.ts')",
      'tools/src/x/main.ts': "import { load } from '@fast-mcp/one'\nexport const x = load"
    })
    expect(cycles).toEqual([
      'libs/one/src/index.ts -> libs/one/src/load.ts -> tools/src/x/main.ts -> libs/one/src/index.ts'
    ])
  })

  test('where a file imports itself', async () => {
    const cycles = await cyclesIn({
      'libs/one/src/a.ts': "import { a as self } from './a.ts'\nexport const a = () => self"
    })
    expect(cycles).toEqual(['libs/one/src/a.ts -> libs/one/src/a.ts'])
  })

  test('twice where there are two', async () => {
    const file = (other: string): string => `import { x as y } from './${other}.ts'\nexport const x = () => y`
    const cycles = await cyclesIn({
      'apps/one/src/a.ts': file('b'),
      'apps/one/src/b.ts': file('a'),
      'apps/one/src/c.ts': file('d'),
      'apps/one/src/d.ts': file('c'),
      'apps/one/src/e.ts': file('a')
    })
    expect(cycles).toHaveLength(2)
  })
})

describe('no cycle is found', () => {
  test('where only types go back', async () => {
    const cycles = await cyclesIn({
      'libs/one/src/a.ts': "import { b } from './b.ts'\nexport interface A { x: 1 }\nexport const a = b",
      'libs/one/src/b.ts': "import type { A } from './a.ts'\nexport const b: A = { x: 1 }"
    })
    expect(cycles).toEqual([])
  })

  test('where two files import a third, or packages from outside', async () => {
    const cycles = await cyclesIn({
      'libs/one/src/a.ts': "import 'node:fs'\nimport 'zod'\nexport * from './c.ts'",
      'libs/one/src/b.ts': "export * from './c.ts'",
      'libs/one/src/c.ts': 'export const c = 1'
    })
    expect(cycles).toEqual([])
  })
})

test('an import that leads nowhere is an error that names it', async () => {
  await expect(cyclesIn({ 'libs/one/src/a.ts': "import './gone.ts'" })).rejects.toThrow('gone.ts')
})

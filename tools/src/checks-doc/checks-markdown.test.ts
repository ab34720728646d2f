import { contracts, phases } from '@fast-mcp/validation'
import { expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { checksMarkdown } from './checks-markdown.ts'

test('docs/checks.md is current (node tools/src/checks-doc/main.ts writes it)', async () => {
  expect(await readFile(new URL('../../../docs/checks.md', import.meta.url), 'utf8')).toBe(checksMarkdown())
})

test('it has a heading for every check, and says which belong to one target', () => {
  const markdown = checksMarkdown()
  for (const phase of phases)
    for (const { id } of contracts[phase]) expect(markdown).toContain(`\n### ${id}\n`)
  expect(markdown).toContain('**Login to ECR succeeds.** Only on target aws. ECR login must succeed.')
})

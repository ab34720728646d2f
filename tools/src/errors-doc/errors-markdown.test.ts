import { catalogue } from '@fast-mcp/errors'
import { expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { errorsMarkdown } from './errors-markdown.ts'

test('docs/errors.md is current (node tools/src/errors-doc/main.ts writes it)', async () => {
  expect(await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsMarkdown())
})

test('it has a row for every code', () => {
  const rows = errorsMarkdown().match(/^\| `[a-z-]+` \| .+ \| [123] \|$/gm)
  expect(rows).toHaveLength(Object.keys(catalogue).length)
})

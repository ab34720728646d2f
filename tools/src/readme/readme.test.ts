import { expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { pipelineEnvironment } from '@fast-mcp/validation'
import { withPipelineVariables } from './readme.ts'

const read = (name: string): Promise<string> => readFile(new URL(`../../../${name}`, import.meta.url), 'utf8')

test("the README's table of pipeline variables is current (node tools/src/readme/main.ts writes it)", async () => {
  const readme = await read('README.md')
  expect(withPipelineVariables(readme)).toBe(readme)
})

test('make help lists every pipeline variable, and no other', async () => {
  const listed = [...(await read('Makefile')).matchAll(/^##\$ ([A-Z_]+) /gm)].map((match) => match[1])
  expect(listed).toEqual(Object.keys(pipelineEnvironment.shape))
})

test('make help names every target of the specification', async () => {
  const makefile = await read('Makefile')
  const named =
    'app build catalog deploy full test test-app test-build test-catalog test-deploy status rollback destroy clean help'
  for (const target of named.split(' ')) expect(makefile).toMatch(new RegExp(`^${target}:[^#]*## \\S`, 'm'))
})

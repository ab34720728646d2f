import { expect, test } from '@jest/globals'
import { inFolder } from '../../test/workspace.ts'
import { defaultOf, runEndpoint } from './run-endpoint.ts'

test.each([
  ['PORT', '8000'],
  ['HOST', '127.0.0.1'],
  ['POR', ''],
  ['OTHER', '']
])('the default of %s in a help text is %p', (name, value) => {
  const help =
    '  HOST  Address.\n        an address; default: 127.0.0.1\n  PORT  Port.\n        a port; default: 8000\n'
  expect(defaultOf(name, help)).toBe(value)
})

test('cannot be tested where there is no server', async () => {
  const signal = new AbortController().signal
  await inFolder({}, async (workspace) => {
    await expect(runEndpoint({ workspace, signal, onProgress: () => undefined })).rejects.toMatchObject({
      code: 'output-missing',
      remedy: 'Run `npx nx run mcp-server:build` first.'
    })
  })
})

import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

test('the shell script runs the program with the Node of the workspace', async () => {
  const script = fileURLToPath(new URL('../../test-endpoint.sh', import.meta.url))
  const result = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(script, ['-x'], { cwd: '/' }, (error, _stdout, stderr) => {
      resolve({ code: error?.code, stderr })
    })
  })
  expect(result.code).toBe(2)
  expect(result.stderr).toContain("Unknown option '-x'")
})

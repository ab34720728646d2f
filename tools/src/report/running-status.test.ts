import { describe, expect, test } from '@jest/globals'
import { runningStatus } from '../../test/report-data.ts'
import { inFolder, write } from '../../test/workspace.ts'
import { askStatus, parseStatus } from './running-status.ts'

const { signal } = new AbortController()

describe('the status of what runs', () => {
  test('is read from the JSON of the status program, whatever its exit code', () =>
    inFolder({}, async (workspace) => {
      await write(workspace, {
        'apps/infra/src/status/main.ts': `console.log(${JSON.stringify(JSON.stringify(runningStatus))}); process.exitCode = 1\n`
      })
      expect(await askStatus(workspace, signal)).toEqual(runningStatus)
    }))

  test('is not known where that program is not there, or fails', () =>
    inFolder({}, async (workspace) => {
      expect(await askStatus(workspace, signal)).toBeUndefined()
      await write(workspace, { 'apps/infra/src/status/main.ts': 'process.exitCode = 2\n' })
      expect(await askStatus(workspace, signal)).toBeUndefined()
    }))

  test.each(['', 'not deployed', '{}', '{"current":true,"deployment":{"state":"fine"}}'])(
    'is not %p',
    (text) => {
      expect(() => parseStatus(text)).toThrow('did not give a status')
    }
  )
})

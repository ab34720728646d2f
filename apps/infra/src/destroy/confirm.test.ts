import { describe, expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { confirm } from './confirm.ts'

function terminal(answer: string): PassThrough & { isTTY: boolean } {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  input.write(`${answer}\n`)
  return input
}

describe('before a stage is deleted', () => {
  test('its name has to be typed', async () => {
    await expect(confirm('production', terminal('production'), new PassThrough())).resolves.toBeUndefined()
    await expect(confirm('production', terminal('yes'), new PassThrough())).rejects.toThrow(
      /nothing was done/
    )
  })

  test('somebody must be there to ask', async () => {
    await expect(confirm('production', new PassThrough(), new PassThrough())).rejects.toMatchObject({
      code: 'invalid-arguments',
      remedy: expect.stringContaining('--yes')
    })
  })
})

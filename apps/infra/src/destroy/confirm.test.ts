import { describe, expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { confirm } from './confirm.ts'

function terminal(answer: string): PassThrough & { isTTY: boolean } {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  input.write(`${answer}\n`)
  return input
}

const plan = () => ['   1  AWS::ECS::Service']

describe('before a stage is deleted', () => {
  test('its name has to be typed', async () => {
    await expect(
      confirm('production', plan, terminal('production'), new PassThrough())
    ).resolves.toBeUndefined()
    await expect(confirm('production', plan, terminal('yes'), new PassThrough())).rejects.toThrow(
      /nothing was done/
    )
  })

  test('what goes is shown first, and where nothing is there nobody is asked', async () => {
    const output = new PassThrough()
    await confirm('production', plan, terminal('production'), output)
    expect(String(output.read())).toMatch(/^ {3}1 {2}AWS::ECS::Service\nEverything of stage production/)
    await expect(confirm('production', () => [], terminal('no'), output)).resolves.toBeUndefined()
    expect(output.read()).toBeNull()
  })

  test('somebody must be there to ask, before anything is asked of AWS', async () => {
    const unasked = () => Promise.reject(new Error('AWS was asked'))
    await expect(confirm('production', unasked, new PassThrough(), new PassThrough())).rejects.toMatchObject({
      code: 'invalid-arguments',
      remedy: expect.stringContaining('--yes')
    })
  })
})

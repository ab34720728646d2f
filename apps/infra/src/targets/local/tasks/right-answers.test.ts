import { afterEach, describe, expect, test } from '@jest/globals'
import { on } from '@fast-mcp/validation/test/run-endpoint.ts'
import {
  jsonReply,
  startFixture,
  type Fixture,
  type FixtureOptions
} from '@fast-mcp/validation/test/fixture-server.ts'
import { requireRightAnswers } from './right-answers.ts'

const revision = 'a'.repeat(40)
let fixture: Fixture | undefined

afterEach(async () => {
  await fixture?.close()
})

/** Checks a server that does what the options say as if it were a task. */
async function check(
  options: FixtureOptions,
  signal: AbortSignal = new AbortController().signal
): Promise<void> {
  fixture = await startFixture(options)
  const task = {
    id: '1',
    name: 'mcp-1',
    alive: true,
    port: Number(new URL(fixture.url).port),
    pid: undefined,
    ended: undefined,
    startedAt: undefined,
    labels: {}
  }
  await requireRightAnswers(task, revision, signal)
}

describe('a task that gets no requests yet', () => {
  test('passes where every step of the endpoint tester does', async () => {
    await expect(check({ revision })).resolves.toBeUndefined()
  })

  test('is refused with the steps that failed', async () => {
    const twisted = on('add', (_, { id }) => jsonReply({ jsonrpc: '2.0', id, result: { content: [] } }))
    await expect(check({ ...twisted, revision })).rejects.toMatchObject({
      code: 'rollout-failed',
      message: expect.stringMatching(/^mcp-1 answers wrongly: \d+ of \d+ steps/),
      evidence: expect.stringContaining('raw.tools/call add 1')
    })
  })

  test('is refused where it serves another commit', async () => {
    await expect(check({ revision: 'b'.repeat(40) })).rejects.toMatchObject({
      evidence: expect.stringContaining(`expected ${revision}`)
    })
  })

  test('is left alone at once when the signal is aborted', async () => {
    const reason = new Error('interrupted by SIGINT')
    await expect(check({ revision }, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

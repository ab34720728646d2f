import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault } from '../../test/fixture-server.ts'
import { fixtureMain, inRepository } from '../../test/workspace.ts'
import {
  endpointResultPath,
  endpointResultSchema,
  serverMain,
  type EndpointResult
} from './endpoint-result.ts'
import { runEndpoint } from './run-endpoint.ts'
import { startServer } from './server-process.ts'

const signal = new AbortController().signal

async function run(fault?: Fault): Promise<EndpointResult> {
  return inRepository(
    { [serverMain]: fixtureMain(fault), 'package.json': { type: 'module' } },
    async (workspace) => {
      const seen: string[] = []
      const result = await runEndpoint({ workspace, signal, onProgress: (step) => seen.push(step.id) })
      expect(seen).toEqual(result.report?.steps.map((step) => step.id) ?? [])
      const written: unknown = JSON.parse(await readFile(join(workspace, endpointResultPath), 'utf8'))
      expect(endpointResultSchema.parse(written)).toEqual(result)
      return result
    }
  )
}

describe('the endpoint of a built server', () => {
  test('passes where it starts, answers everything and ends with 0', async () => {
    const result = await run()
    expect(result.report?.steps.filter((step) => !step.passed)).toEqual([])
    expect(result).toMatchObject({
      passed: true,
      defaults: { host: '127.0.0.1', port: '8000' },
      stopped: { code: 0, signal: null },
      server: { location: serverMain, revision: expect.stringMatching(/^[0-9a-f]{40}$/) }
    })
    expect(result.readyMs).toBeGreaterThan(0)
    expect(result.log).toContain('starting')
  })

  test('does not pass where a step fails', async () => {
    const result = await run('unknown-method-answered')
    expect(result.passed).toBe(false)
    expect(result.report?.steps.filter((step) => !step.passed).map((step) => step.id)).toEqual([
      'raw.unknown-method'
    ])
  })

  test('does not pass where SIGTERM ends it with another code', async () => {
    expect(await run('ends-with-1')).toMatchObject({
      passed: false,
      report: { passed: true },
      stopped: { code: 1 }
    })
  })

  test('does not pass where it ends before it is ready, and keeps its log', async () => {
    const result = await run('ends-at-once')
    expect(result).toMatchObject({
      passed: false,
      startupFailure: expect.stringContaining('ended with 7 before it was ready'),
      log: expect.stringContaining('starting')
    })
    expect(result).not.toHaveProperty('readyMs')
  })
})

describe('a server process', () => {
  const start = (fault: Fault | undefined, timeLimitMs: number, abort: AbortSignal = signal) =>
    inRepository({ 'main.js': fixtureMain(fault), 'package.json': { type: 'module' } }, (folder) =>
      startServer({ main: join(folder, 'main.js'), environment: {}, timeLimitMs, signal: abort })
    )

  test('that is not ready in time is ended, and its log shown', async () => {
    await expect(start('never-ready', 3000)).rejects.toMatchObject({
      code: 'step-failed',
      message: expect.stringContaining('was not ready in time'),
      evidence: expect.stringContaining('starting')
    })
  })

  test('is ended where its block ends, even if it hears no SIGTERM', async () => {
    let url = ''
    {
      await using server = await start('deaf', 10_000)
      url = server.url
      expect((await fetch(`${url}/ready`)).status).toBe(200)
    }
    await expect(fetch(`${url}/ready`)).rejects.toThrow()
  })

  test('may be stopped twice', async () => {
    await using server = await start(undefined, 10_000)
    expect(await server.stop()).toMatchObject({ code: 0 })
    expect(await server.stop()).toMatchObject({ code: 0 })
  })

  test('is not waited for after an interrupt', async () => {
    await expect(start('never-ready', 10_000, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  })
})

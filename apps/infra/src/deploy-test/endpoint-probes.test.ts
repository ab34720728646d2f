import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '@fast-mcp/validation'
import { configPath, writeConfigFile } from '../config-file.ts'
import { endpointProbes } from './endpoint-probes.ts'

const version = { sha: 'a'.repeat(7), fullSha: 'a'.repeat(40), dirty: false, committedAt: '' }
const digest = `sha256:${'a'.repeat(64)}`

let workspace: string
let server: Server
let endpoint: string
/** Status codes to answer with, the last one again and again. */
let answers: number[]
let asked: number

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'endpoint-'))
  answers = [200]
  asked = 0
  server = createServer((_, response) => {
    asked++
    response.writeHead((answers.length > 1 ? answers.shift() : answers[0]) ?? 500).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/mcp`
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(workspace, { recursive: true })
})

async function found(id: string, target: 'aws' | 'local', limitMs = 20): Promise<Finding | undefined> {
  await writeConfigFile(join(workspace, configPath), {
    TARGET: target,
    VERSION: version.sha,
    REVISION: version.fullSha,
    IMAGE_DIGEST: digest,
    MCP_ENDPOINT: endpoint
  })
  const { signal } = new AbortController()
  const patience = { limitMs, pauseMs: 5 }
  return endpointProbes({ workspace, version, digest, signal, details: {}, patience })[id]?.({ signal })
}

describe('a plain endpoint on AWS', () => {
  test('answers, has no certificate, and may be what .config names', async () => {
    expect(await found('deploy.endpoint', 'aws')).toMatchObject({ status: 'passed' })
    expect(await found('deploy.config', 'aws')).toMatchObject({ status: 'passed' })
    expect(await found('deploy.certificate', 'aws')).toMatchObject({
      status: 'not-applicable',
      reason: expect.stringContaining('ALLOW_PLAIN_HTTP')
    })
  })

  test('is waited for', async () => {
    answers = [503, 503, 503, 200]
    expect(await found('deploy.endpoint', 'aws', 10_000)).toMatchObject({ status: 'passed' })
  })

  test('that stays down has failed, with what it answered last and how long that was waited for', async () => {
    answers = [503]
    expect(await found('deploy.endpoint', 'aws')).toMatchObject({
      status: 'failed',
      evidence: expect.stringMatching(/GET http.*\/health: 503; GET .*\/mcp: 503 \(waited \d+ s\)/)
    })
    server.closeAllConnections()
    server.close()
    expect(await found('deploy.endpoint', 'aws')).toMatchObject({
      status: 'failed',
      evidence: expect.stringContaining('ECONNREFUSED')
    })
  })
})

test('on this machine an endpoint is HTTPS, and is asked once', async () => {
  answers = [503]
  expect(await found('deploy.config', 'local')).toMatchObject({ status: 'failed' })
  expect(await found('deploy.endpoint', 'local', 10_000)).toMatchObject({ status: 'failed' })
  expect(asked).toBe(2)
})

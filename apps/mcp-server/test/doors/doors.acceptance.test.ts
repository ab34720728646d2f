import { expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { corpus, type Sent } from './corpus.ts'
import { http, post } from '../http-client.ts'
import { memoryLog, startServer, testServices, type TestServer } from '../server.ts'
import { broken, echo, refusing } from '../tools.ts'
import { tools } from '../../src/tools/index.ts'
import { createMethods } from '../../src/protocol/methods.ts'
import { serveStdio } from '../../src/protocol/stdio.ts'

const served = [...tools, echo, refusing, broken]

/** What a door answers, without frames: the messages, those of a batch one by one. */
type Answers = readonly unknown[]

type Door = (sent: Sent) => Promise<Answers>

function initialize(revision: string): string {
  const params = { protocolVersion: revision, capabilities: {}, clientInfo: { name: 't', version: '1' } }
  return JSON.stringify({ jsonrpc: '2.0', id: 'open', method: 'initialize', params })
}

/** The messages in an answer over HTTP, be it JSON or a stream. */
function unframe(body: string, type: string | undefined): Answers {
  if (type !== 'text/event-stream') return body === '' ? [] : [JSON.parse(body) as unknown].flat()
  return body
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as unknown)
}

function httpDoor(server: TestServer, headers: Record<string, string>): Door {
  return async ({ text, opens }) => {
    const { 'Mcp-Session-Id': session, ...rest } = headers
    const given = session === undefined || opens ? rest : headers
    const answer = await http(`${server.url}/mcp`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        ...given
      },
      body: text
    })
    return unframe(answer.body, answer.headers['content-type'])
  }
}

async function openSession(server: TestServer, revision: string): Promise<Door> {
  const { headers } = await post(server.url, JSON.parse(initialize(revision)))
  const session = String(headers['mcp-session-id'])
  return httpDoor(server, { 'MCP-Protocol-Version': revision, 'Mcp-Session-Id': session })
}

/** A conversation of its own for each: what answers nothing is known by what comes after it. */
async function stdioDoor(revision: string): Promise<Door> {
  const { log } = memoryLog()
  const services = await testServices()
  const methods = createMethods({ services, tools: served, instructions: 'Test.', withExamples: true })
  return async ({ text }) => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const { signal } = new AbortController()
    const done = serveStdio({ methods, log, input, output, signal, maxLineBytes: 5e6, maxJsonDepth: 64 })
    input.write(`${initialize(revision)}\n`)
    while (output.readableLength === 0) await new Promise((resolve) => setImmediate(resolve))
    output.read()
    input.end(`${text}\n`)
    await done
    return String(output.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => JSON.parse(line) as unknown)
  }
}

test('the corpus has at least 200 requests', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(200)
})

test.each(['2025-11-25', '2025-03-26'])(
  'in %s every door gives the same answer to everything that a client may send',
  async (revision) => {
    await using stateless = await startServer({ maxJsonDepth: 64 }, served)
    await using stateful = await startServer({ sessionMode: 'on', maxSessions: 10, maxJsonDepth: 64 }, served)
    const direct = httpDoor(stateless, { 'MCP-Protocol-Version': revision })
    const session = await openSession(stateful, revision)
    const stdio = await stdioDoor(revision)
    for (const sent of corpus) {
      const [expected, second, third] = await Promise.all([direct(sent), session(sent), stdio(sent)])
      expect({ sent: sent.title, door: 'session', answers: second }).toEqual({
        sent: sent.title,
        door: 'session',
        answers: expected
      })
      expect({ sent: sent.title, door: 'stdio', answers: third }).toEqual({
        sent: sent.title,
        door: 'stdio',
        answers: expected
      })
    }
  }
)

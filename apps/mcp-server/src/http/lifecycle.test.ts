import { describe, expect, test } from '@jest/globals'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { lifecycle } from './lifecycle.ts'

function response(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()))
}

describe('requests in flight', () => {
  test('are listed until their response is closed, in whatever order that happens', () => {
    const life = lifecycle()
    const [a, b, c, d] = [response(), response(), response(), response()]
    for (const one of [a, b, c, d]) life.begin(one, 0, 'id', [])
    const open = (): ReadonlySet<ServerResponse> => new Set(life.requests.map((request) => request.response))
    b.emit('close')
    expect(open()).toEqual(new Set([a, c, d]))
    d.emit('close')
    expect(open()).toEqual(new Set([a, c]))
    const e = response()
    life.begin(e, 0, 'id', [])
    a.emit('close')
    expect(open()).toEqual(new Set([c, e]))
    c.emit('close')
    e.emit('close')
    expect([life.inFlight, life.requests]).toEqual([0, []])
  })

  test('may end while somebody goes through them', () => {
    const life = lifecycle()
    const all = [response(), response(), response()]
    for (const one of all) life.begin(one, 0, 'id', [])
    const seen: ServerResponse[] = []
    for (const request of life.requests) {
      seen.push(request.response)
      request.response.emit('close')
    }
    expect(seen).toEqual(all)
    expect(life.inFlight).toBe(0)
  })
})

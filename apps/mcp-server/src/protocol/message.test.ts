import { describe, expect, test } from '@jest/globals'
import { classify } from './message.ts'

describe('classify', () => {
  test('a request keeps what it came with', () => {
    const raw = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x' } }
    expect(classify(raw)).toEqual({ kind: 'request', id: 1, request: raw })
  })

  test.each([0, -5, 9007199254740991, '', 'abc'])('%j is an id', (id) => {
    expect(classify({ jsonrpc: '2.0', id, method: 'ping' })).toMatchObject({ kind: 'request', id })
  })

  test.each([null, 1.5, true, {}, [], 2 ** 53])('%j is no id', (id) => {
    expect(classify({ jsonrpc: '2.0', id, method: 'ping' })).toMatchObject({ kind: 'invalid', id: null })
  })

  test('without an id it is a notification', () => {
    expect(classify({ jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual({
      kind: 'notification'
    })
  })

  test.each([
    { jsonrpc: '2.0', id: 1, result: {} },
    { jsonrpc: '2.0', id: 'a', error: { code: 1, message: 'no' } }
  ])('%j is a response', (value) => {
    expect(classify(value)).toEqual({ kind: 'response' })
  })

  test.each([
    [null],
    [undefined],
    [1],
    ['text'],
    [[]],
    [{}],
    [{ jsonrpc: '2.0' }],
    [{ jsonrpc: '2.0', id: 1 }],
    [{ jsonrpc: '2.0', result: {} }],
    [{ jsonrpc: '1.0', id: 1, method: 'ping' }],
    [{ id: 1, method: 'ping' }],
    [{ jsonrpc: 2, id: 1, method: 'ping' }],
    [{ jsonrpc: '2.0', id: 1, method: 5 }],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', params: [] }],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', params: null }],
    [{ jsonrpc: '2.0', method: 'ping', params: 'text' }]
  ])('%j is invalid', (value) => {
    const message = classify(value)
    expect(message).toMatchObject({ kind: 'invalid', error: { code: -32600 } })
  })

  test('an invalid message with a usable id is answered to that id', () => {
    expect(classify({ jsonrpc: '1.0', id: 7, method: 'ping' })).toMatchObject({ kind: 'invalid', id: 7 })
  })
})

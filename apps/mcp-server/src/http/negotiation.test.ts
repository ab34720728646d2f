import { describe, expect, test } from '@jest/globals'
import { checkMediaTypes, requestRevision } from './negotiation.ts'

const json = { 'content-type': 'application/json' }

describe('checkMediaTypes', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"'
  ])('takes a body of %s', (type) => {
    expect(() => checkMediaTypes({ 'content-type': type })).not.toThrow()
  })
  test.each([
    undefined,
    '',
    'text/plain',
    'application/jsonp',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded'
  ])('refuses a body of %s with 415', (type) => {
    const headers = type === undefined ? {} : { 'content-type': type }
    expect(() => checkMediaTypes(headers)).toThrow(expect.objectContaining({ status: 415 }))
  })
  test.each(['gzip', 'br', 'gzip, identity'])('refuses a body in %s with 415', (encoding) => {
    expect(() => checkMediaTypes({ ...json, 'content-encoding': encoding })).toThrow(
      expect.objectContaining({ status: 415 })
    )
  })
  test.each([
    undefined,
    '*/*',
    'application/json',
    'application/json, text/event-stream',
    'text/event-stream,application/json;q=0.9',
    'application/*',
    'text/html, */*;q=0.8'
  ])('answers Accept: %s', (accept) => {
    expect(() => checkMediaTypes(accept === undefined ? json : { ...json, accept })).not.toThrow()
  })
  test.each(['text/html', 'text/event-stream', 'application/jsonp', ''])(
    'refuses Accept: %j with 406',
    (accept) => {
      expect(() => checkMediaTypes({ ...json, accept })).toThrow(expect.objectContaining({ status: 406 }))
    }
  )
})

describe('requestRevision', () => {
  test('without the header it is the last revision that had none', () => {
    expect(requestRevision({})).toBe('2025-03-26')
  })
  test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('%s is spoken', (revision) => {
    expect(requestRevision({ 'mcp-protocol-version': revision })).toBe(revision)
  })
  test.each(['', '2024-10-07', '2099-01-01', 'latest', '2025-06-18, 2025-06-18'])(
    '%j is refused with 400',
    (revision) => {
      expect(() => requestRevision({ 'mcp-protocol-version': revision })).toThrow(
        expect.objectContaining({ status: 400, code: -32600 })
      )
    }
  )
})

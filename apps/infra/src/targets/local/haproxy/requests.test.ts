import { describe, expect, test } from '@jest/globals'
import { latencyOf, parseRequests, type ProxyRequest } from './requests.ts'

describe('parseRequests', () => {
  test('reads time, status and the milliseconds until the answer', () => {
    const text = '1795365024.706 200 16 18 -- s1 POST /mcp\n1795365024.813 503 -1 0 SC <NOSRV> GET /\n'
    expect(parseRequests(text)).toEqual([
      { at: 1795365024706, status: 200, answeredMs: 16 },
      { at: 1795365024813, status: 503, answeredMs: undefined }
    ])
  })

  test('leaves out what is no whole line', () => {
    expect(parseRequests('5024.7 200 1\n\nnonsense\n.706 200 16 18 -- s1 GET /')).toEqual([])
  })
})

describe('latencyOf', () => {
  const answered = (ms: number | undefined): ProxyRequest => ({ at: 0, status: 200, answeredMs: ms })

  test('is the nearest rank, whatever the order', () => {
    const requests = Array.from({ length: 100 }, (_, index) => answered(100 - index))
    expect(latencyOf([...requests, answered(undefined)])).toEqual({ count: 100, p50Ms: 50, p95Ms: 95 })
  })

  test('of one is that one, of none is nothing', () => {
    expect(latencyOf([answered(7)])).toEqual({ count: 1, p50Ms: 7, p95Ms: 7 })
    expect(latencyOf([answered(undefined)])).toBeUndefined()
  })
})

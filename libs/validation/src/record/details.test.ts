import { describe, expect, test } from '@jest/globals'
import { startFixture } from '../../test/fixture-server.ts'
import { endpointReportSchema } from '../endpoint/endpoint-report.ts'
import { testEndpoint } from '../endpoint/test-endpoint.ts'
import { readDetails } from './details.ts'

const layer = { digest: 'sha256:1', bytes: 5, what: 'base' }

describe('the details of a record', () => {
  test('are typed, and keys of a phase of its own are left out', () => {
    const details = { layers: [layer], compressedBytes: 3, readyMs: 5.5, running: [], scanned: true }
    expect(readDetails({ phase: 'build', details })).toEqual({
      layers: [layer],
      compressedBytes: 3,
      readyMs: 5.5,
      running: []
    })
    expect(readDetails({ phase: 'build' })).toEqual({})
  })

  test.each([
    [{ layers: 'many' }],
    [{ layers: [{ ...layer, bytes: -1 }] }],
    [{ compressedBytes: '3' }],
    [{ readyMs: null }],
    [{ endpoint: {} }],
    [{ running: [{ name: 'task' }] }]
  ])('are refused where they are %p', (details) => {
    expect(() => readDetails({ phase: 'build', details })).toThrow(
      expect.objectContaining({
        code: 'record-invalid',
        remedy: 'Run `make build`, which writes them again.'
      })
    )
  })

  test('hold a report of the endpoint tester as it was, passed or not', async () => {
    const fixture = await startFixture()
    const signal = new AbortController().signal
    try {
      const passed = await testEndpoint(fixture.url, { signal })
      expect(readDetails({ phase: 'app', details: { endpoint: passed } })).toEqual({ endpoint: passed })
      expect(endpointReportSchema.parse(JSON.parse(JSON.stringify(passed)))).toEqual(passed)
    } finally {
      await fixture.close()
    }
    const failed = await testEndpoint(fixture.url, { signal })
    expect(endpointReportSchema.parse(JSON.parse(JSON.stringify(failed)))).toEqual(failed)
  })
})

import { expect, test } from '@jest/globals'
import { http } from '../../test/http-client.ts'
import { createMetrics } from './metrics.ts'
import { processMetrics } from './process-metrics.ts'
import { serveMetrics } from './serve-metrics.ts'

test('counters, histograms and gauges are written as Prometheus reads them', () => {
  const metrics = createMetrics()
  const counter = metrics.counter('answers_total', 'Answers.', ['path', 'status'])
  counter.add('/mcp', '200')
  counter.add('/mcp', '200')
  counter.add('a"b\\c', '')
  const histogram = metrics.histogram('seconds', 'Time.', ['tool'])
  histogram.observe(0.0001, 'echo')
  histogram.observe(0.003, 'echo')
  histogram.observe(1e9, 'echo')
  metrics.gauge('open', 'Open.', () => 7)
  const text = metrics.text()
  expect(text).toContain('# HELP answers_total Answers.\n# TYPE answers_total counter\n')
  expect(text).toContain('answers_total{path="/mcp",status="200"} 2\n')
  expect(text).toContain('answers_total{path="a\\"b\\\\c"} 1\n')
  expect(text).toContain('seconds_bucket{tool="echo",le="0.0001"} 1\n')
  expect(text).toContain('seconds_bucket{tool="echo",le="0.005"} 2\n')
  expect(text).toContain('seconds_bucket{tool="echo",le="300"} 2\n')
  expect(text).toContain('seconds_bucket{tool="echo",le="+Inf"} 3\n')
  expect(text).toContain('seconds_count{tool="echo"} 3\n')
  expect(text).toContain('# TYPE open gauge\nopen 7\n')
})

test('they are served on loopback at one path, to names of loopback', async () => {
  const metrics = createMetrics()
  processMetrics(metrics)
  const { url, close } = await serveMetrics(metrics, 0)
  const answer = await http(url)
  expect([answer.status, answer.headers['content-type']]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8'
  ])
  expect(answer.body).toMatch(/^process_resident_memory_bytes \d+$/m)
  expect((await http(url, { headers: { Host: 'evil.example' } })).status).toBe(403)
  expect((await http(url, { method: 'POST' })).status).toBe(405)
  expect((await http(url.replace('/metrics', '/'))).status).toBe(404)
  await close()
  await expect(http(url)).rejects.toThrow()
})

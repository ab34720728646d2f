import type { Metrics } from './metrics.ts'

/** The figures of the process itself, under the names that Prometheus' own clients use. */
export function processMetrics(metrics: Metrics): void {
  const started = Date.now() / 1000 - process.uptime()
  metrics.gauge('process_resident_memory_bytes', 'Memory of the process in RAM.', () =>
    process.memoryUsage.rss()
  )
  metrics.gauge('process_start_time_seconds', 'Start of the process, seconds since 1970.', () => started)
  metrics.gauge('process_cpu_seconds_total', 'CPU time the process has used.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gauge(
    'nodejs_heap_size_used_bytes',
    'Memory that JavaScript uses.',
    () => process.memoryUsage().heapUsed
  )
}

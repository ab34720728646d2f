import type { Latency } from './endpoint-report.ts'

/** Median, 95th percentile (nearest rank) and maximum; all 0 for no samples. */
export function latencyOf(samplesMs: readonly number[]): Latency {
  const sorted = [...samplesMs].sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0
  return { count: sorted.length, medianMs: at(0.5), p95Ms: at(0.95), maxMs: at(1) }
}

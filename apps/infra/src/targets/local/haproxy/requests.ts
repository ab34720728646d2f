import type { TrafficStatus } from '../../../target.ts'

/** A request that has ended, as the frontend's ring keeps it. */
export interface ProxyRequest {
  /** When it came, milliseconds since 1970. */
  readonly at: number
  readonly status: number
  /** Milliseconds until the answer began; undefined where there was none from a task. */
  readonly answeredMs: number | undefined
}

/** The lines of the ring of requests; a line of another form, cut off where the ring wraps, is left out. */
export function parseRequests(events: string): readonly ProxyRequest[] {
  return events.split('\n').flatMap((line) => {
    const [, seconds, status, answered] = /^(\d+\.\d{3}) (-?\d+) (-?\d+) -?\d+ /.exec(line) ?? []
    if (seconds === undefined || status === undefined || answered === undefined) return []
    const ms = Number(answered)
    return { at: Number(seconds) * 1000, status: Number(status), answeredMs: ms < 0 ? undefined : ms }
  })
}

/** Median and 95th percentile of the requests that were answered, by the nearest rank; undefined where none was. */
export function latencyOf(requests: readonly ProxyRequest[]): TrafficStatus['latency'] {
  const sorted = requests
    .flatMap(({ answeredMs }) => (answeredMs === undefined ? [] : [answeredMs]))
    .sort((a, b) => a - b)
  const rank = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0
  return sorted.length === 0 ? undefined : { count: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95) }
}

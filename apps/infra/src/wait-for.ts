import { setTimeout as sleep } from 'node:timers/promises'
import type { Finding } from '@fast-mcp/validation'

/** How long to wait for something on AWS to come about, in milliseconds. */
export interface Patience {
  /** @default 50 000, less than what a check may take */
  readonly limitMs?: number
  /** First pause; it grows by half each time, to 10 s at most. @default 1000 */
  readonly pauseMs?: number
}

/** Asks until the finding is one that passed, or the time is over: then the last finding, with how long was waited. */
export async function waitFor(
  ask: () => Promise<Finding>,
  signal: AbortSignal,
  { limitMs = 50_000, pauseMs = 1000 }: Patience = {}
): Promise<Finding> {
  const started = Date.now()
  for (let pause = pauseMs; ; pause = Math.min(pause * 1.5, 10_000)) {
    const finding = await ask()
    if (finding.status !== 'failed') return finding
    const waited = Date.now() - started
    if (waited + pause > limitMs)
      return { ...finding, evidence: `${finding.evidence} (waited ${Math.round(waited / 1000)} s)` }
    await sleep(pause, undefined, { signal })
  }
}

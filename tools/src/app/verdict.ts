import type { Finding } from '@fast-mcp/validation'

/** Passed where there are no faults, else failed with a line for each. */
export function verdict(faults: readonly string[], evidence: string): Finding {
  return faults.length === 0
    ? { status: 'passed', evidence }
    : { status: 'failed', evidence: faults.join('\n') }
}

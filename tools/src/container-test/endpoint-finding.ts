import type { EndpointReport, Finding } from '@fast-mcp/validation'

/** What a report of the endpoint tester means for a check. */
export function endpointFinding(report: EndpointReport): Finding {
  const failed = report.steps.filter((step) => !step.passed)
  if (!report.passed || failed.length > 0)
    return {
      status: 'failed',
      evidence: failed.map((step) => `${step.title}: ${step.evidence}`).join('\n') || 'it did not pass'
    }
  const { count, medianMs, maxMs } = report.latency
  return {
    status: 'passed',
    evidence: `${String(report.steps.length)} steps, ${String(report.tools.length)} tools, ${String(count)} requests, median ${medianMs.toFixed(1)} ms, slowest ${maxMs.toFixed(1)} ms`
  }
}

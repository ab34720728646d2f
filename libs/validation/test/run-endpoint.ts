import type { EndpointReport, EndpointStep } from '../src/endpoint/endpoint-report.ts'
import { testEndpoint, type TestEndpointOptions } from '../src/endpoint/test-endpoint.ts'
import {
  startFixture,
  type Fixture,
  type FixtureOptions,
  type Message,
  type Reply
} from './fixture-server.ts'

const signal = new AbortController().signal

/** Tests a fixture server, which is closed when the report is there. */
export async function run(
  fixture: FixtureOptions = {},
  options: Partial<TestEndpointOptions> = {}
): Promise<EndpointReport & { readonly fixture: Fixture }> {
  const started = await startFixture(fixture)
  try {
    return { ...(await testEndpoint(started.url, { signal, ...options })), fixture: started }
  } finally {
    await started.close()
  }
}

/** Twists the replies to one method, or to one tool. */
export function on(what: string, change: (reply: Reply, message: Message) => Reply): FixtureOptions {
  return {
    twist: (message, reply) =>
      message?.method === what || (message?.method === 'tools/call' && message.params?.['name'] === what)
        ? change(reply, message)
        : reply
  }
}

/** The steps that failed. */
export function failed(report: EndpointReport): readonly EndpointStep[] {
  return report.steps.filter((step) => !step.passed)
}

/** What a step has seen. */
export function evidence(report: EndpointReport, id: string): string {
  return report.steps.find((step) => step.id === id)?.evidence ?? `no step ${id}`
}

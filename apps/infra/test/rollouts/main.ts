// The target infra:rollouts: rollouts of the built image under 300 requests a second; what they took and what was lost.
import { CodedError, program } from '@fast-mcp/errors'
import { formatDuration } from '@fast-mcp/validation'
import { readArguments } from '../../src/arguments.ts'
import { hasImage, RealWorkspace } from '../real-workspace.ts'

const usage = `usage: nx run infra:rollouts [-- --count N]

  --count  how many rollouts (10); a version that cannot start and a way back come on top
`

await program(async ({ args, signal }) => {
  const { values } = readArguments(args, {
    count: { type: 'string', default: '10' },
    help: { type: 'boolean', short: 'h' }
  })
  if (values.help === true) {
    process.stdout.write(usage)
    return 0
  }
  if (!hasImage)
    throw new CodedError('output-missing', 'there is no image to roll out', { remedy: 'Run `make build`.' })
  const workspace = await RealWorkspace.create()
  const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    signal.throwIfAborted()
    const started = performance.now()
    await work()
    console.log(`  ${what}: ${formatDuration(performance.now() - started)}`)
  }
  try {
    await timed('first deployment', () => workspace.target().deploy(workspace.request))
    const load = await workspace.load()
    for (let index = 1; index <= Number(values.count); index++)
      await timed(`rollout ${index}`, () => workspace.target().deploy(workspace.variant(String(20 + index))))
    await timed('a version that cannot start, until the old one is known to serve', async () => {
      await workspace
        .target()
        .deploy(workspace.variant('soon'))
        .catch((error: unknown) => {
          if (!(error instanceof CodedError) || error.code !== 'rollout-failed') throw error
        })
    })
    await timed('status', () => workspace.target().status())
    const { sent, failures, streams, seconds, p50Ms, p95Ms, maxMs } = await load.stop()
    console.log(
      `${sent} requests in ${seconds.toFixed(1)} s (${(sent / seconds).toFixed(0)} a second), ${failures.length} failed; p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, slowest ${maxMs.toFixed(0)} ms`
    )
    console.log(
      `${streams.opened} streams with progress, one or two open at any time; ${streams.failures.length} ended without their answer`
    )
    for (const failure of [...failures, ...streams.failures].slice(0, 20)) console.log(`  ${failure}`)
    return failures.length + streams.failures.length === 0 ? 0 : 1
  } finally {
    await workspace.end()
  }
})

import { findEngine } from '@fast-mcp/containers'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Contestant } from './contestant.ts'
import { load, message } from './load.ts'

// The image in a container of 0.25 vCPU and 512 MB: prints its figures, or why there are none, as one line of JSON.

const root = fileURLToPath(new URL('../../../', import.meta.url))
const archive = join(root, 'dist/container/quilt-mcp.oci.tar')

process.stdout.write(
  `${JSON.stringify(await measure().catch((error: unknown) => ({ skipped: String(error) })))}\n`
)

async function measure(): Promise<object> {
  const built = await access(archive).then(
    () => true,
    () => false
  )
  if (!built) return { skipped: 'there is no image; nx run mcp-server:container makes it' }
  const engine = await findEngine(root, {})
  const name = `quilt-mcp-bench-${String(process.pid)}`
  const image = await engine.load(archive)
  const { hostPort } = await engine.run({
    name,
    image,
    environment: { ALLOWED_HOSTS: '*', RATE_PER_ADDRESS: '0' },
    publish: { containerPort: 8000 },
    cpus: 0.25,
    memoryMiB: 512
  })
  try {
    const url = `http://127.0.0.1:${String(hostPort)}`
    await ready(url)
    const pid = String((await engine.inspect(name))?.pid)
    const server: Contestant = {
      metricsUrl: undefined,
      url: `${url}/mcp`,
      cpuSeconds: () => Promise.resolve(Number.NaN),
      mebibytes: async () =>
        Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
      [Symbol.asyncDispose]: () => engine.remove(name)
    }
    const call = message('tools/call', { name: 'packages_list', arguments: {} })
    await load(server, call, { seconds: 2 })
    const { requestsPerSecond } = await load(server, call, { seconds: 8 })
    return { requestsPerSecond, mebibytes: await server.mebibytes() }
  } finally {
    await engine.remove(name)
  }
}

async function ready(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const status = await fetch(`${url}/ready`).then(
      (response) => response.status,
      () => 0
    )
    if (status === 200) return
    await sleep(200)
  }
  throw new Error('the container did not become ready within 20 seconds')
}

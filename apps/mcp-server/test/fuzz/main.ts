import { parseArgs } from 'node:util'
import { ask } from '../http-client.ts'
import { startBuiltServer } from '../built-server.ts'
import { residentMebibytes } from '../resident-memory.ts'
import { fuzz } from './fuzz.ts'

// nx run mcp-server:fuzz: ten minutes of made-up requests to the built server. Ends with 1 where one was answered wrongly.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) }
  }
})
const milliseconds = Number(values.minutes) * 60_000
await using server = await startBuiltServer({ LOG_LEVEL: 'warn' })
const warm = await fuzz({ url: server.url, seed: 1, milliseconds: 15_000, requests: 10_000 })
const before = await residentMebibytes(server.pid)
const found = await fuzz({ url: server.url, seed: Number(values.seed), milliseconds, requests: Infinity })
const after = await residentMebibytes(server.pid)
await ask(server.url, 'ping')
const faults = [...warm.faults, ...found.faults]
const grown = after > before * 1.5 + 30
process.stdout.write(
  [
    `seed ${values.seed}: ${String(found.requests)} requests in ${values.minutes} minutes, ${JSON.stringify(found.statuses)}`,
    `memory ${before.toFixed(0)} MiB before, ${after.toFixed(0)} MiB after${grown ? ': it grew' : ''}`,
    `${String(faults.length)} answered wrongly`,
    ...faults,
    ''
  ].join('\n')
)
process.exitCode = faults.length > 0 || grown ? 1 : 0

import { parseArgs } from 'node:util'
import { start } from '../../bench/contestant.ts'
import { bundle, imageEnvironment, nodeOptions } from '../built-server.ts'
import { ask } from '../http-client.ts'
import { fuzz } from './fuzz.ts'

// nx run mcp-server:fuzz: ten minutes of made-up requests to the built server. Ends with 1 where one was answered wrongly.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) }
  }
})
const milliseconds = Number(values.minutes) * 60_000
await using server = await start({
  program: process.execPath,
  args: [...nodeOptions, bundle],
  environment: { ...imageEnvironment, PORT: '0', SESSIONS: 'on' }
})
const { origin: url } = new URL(server.url)
const warm = await fuzz({ url, seed: 1, milliseconds: 15_000, requests: 10_000 })
const before = await server.mebibytes()
const found = await fuzz({ url, seed: Number(values.seed), milliseconds, requests: Infinity })
const after = await server.mebibytes()
await ask(url, 'ping')
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

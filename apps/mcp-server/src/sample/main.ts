import { program } from '@fast-mcp/errors'
import { resolve } from 'node:path'
import { buildSample } from './build.ts'

await program(async () => {
  const folder = resolve(import.meta.dirname, '../../../../dist/apps/mcp-server/sample')
  const latest = await buildSample(folder)
  for (const [name, topHash] of latest) process.stdout.write(`${name} ${topHash.slice(0, 12)}\n`)
  return 0
})

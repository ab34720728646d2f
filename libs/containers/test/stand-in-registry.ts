// A stand-in for `docker-registry serve <config>`: an image registry in memory at the configured address.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { startRegistry } from './registry-server.ts'

const [, , , , command, file = ''] = process.argv
const { http } = z
  .object({ http: z.object({ addr: z.string() }) })
  .parse(JSON.parse(readFileSync(file, 'utf8')))
if (command !== 'serve') process.exit(1)
console.log(`listening on ${http.addr}`)
await startRegistry({ port: Number(http.addr.split(':')[1]) })

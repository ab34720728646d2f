// Takes the lock of the folder in argument 2, says so, and holds it until stdin ends. Run by the tests of the lock.
import { finished } from 'node:stream/promises'
import { withLock } from '../src/lock/with-lock.ts'

const [, , folder = '', command = 'holder'] = process.argv
await withLock(folder, command, async () => {
  process.stdout.write('holding\n')
  await finished(process.stdin.resume())
}).catch((error: unknown) => {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
})

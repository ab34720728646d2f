// A program for the tests: ends as its first argument says.
import { CodedError } from '../src/coded-error.ts'
import { program } from '../src/program.ts'

await program(async ({ args, signal }) => {
  switch (args[0]) {
    case 'number':
      return Number(args[1])
    case 'nothing':
      return undefined
    case 'coded':
      throw new CodedError('not-deployed', 'nothing is deployed', {
        remedy: 'Deploy.',
        evidence: 'one\ntwo\n'
      })
    case 'fault':
      throw new TypeError('a fault')
    case 'disk-full':
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    case 'text':
      throw 'a text'
    default:
      process.stdout.write('waiting\n')
      await new Promise<void>((resolve) => {
        const alive = setInterval(() => undefined, 1000)
        signal.addEventListener('abort', () => {
          process.stdout.write('aborted\n')
          if (args[0] === 'deaf') return
          clearInterval(alive)
          resolve()
        })
      })
      signal.throwIfAborted()
      return 0
  }
})

import { readState } from '../../src/targets/local/state.ts'
import type { Outcome } from './attempt.ts'
import type { Clone, Configuration } from './clone.ts'
import type { CountedFault } from './counted-fault.ts'
import { imported } from './imported-code.ts'

/** Versions that must be refused. */
export const versionFaults: readonly CountedFault[] = [
  {
    name: 'a version that crashes at start',
    times: 4,
    happen: (clone) => refused(clone, { SHUTDOWN_SECONDS: 'soon' })
  },
  {
    name: 'a version that hangs',
    times: 2,
    happen: (clone) => refused(clone, { NODE_OPTIONS: '--inspect-brk' })
  },
  {
    name: 'a version that never becomes healthy',
    times: 2,
    happen: (clone) => refused(clone, { PORT: '8001' })
  },
  {
    name: 'a version that becomes healthy and dies',
    times: 4,
    happen: (clone) => refused(clone, { NODE_OPTIONS: imported('setTimeout(()=>process.exit(9),4000)') })
  },
  {
    name: 'a version that answers wrongly',
    times: 4,
    happen: (clone) => refused(clone, { NODE_OPTIONS: imported(wrongAnswers) })
  }
]

/** A version that is refused: what served before must serve on, configured as it was. */
async function refused(clone: Clone, configuration: Configuration): Promise<Outcome> {
  const before = clone.configuration
  clone.configuration = { ...before, ...configuration }
  const outcome = await clone.run().finally(() => {
    clone.configuration = before
  })
  if (outcome.code === 0) throw new Error('it was accepted')
  const state = await readState(clone.paths.state)
  const environment = state?.history[0].description.task.environment
  for (const [name, value] of Object.entries(configuration))
    if (environment?.[name] === value) throw new Error(`${name}=${value} is served after it was refused`)
  await clone.ask()
  return outcome
}

/** Has the responses of a server name no result: no MCP client can read them. */
const wrongAnswers = `import http from 'node:http'
const {end}=http.ServerResponse.prototype
http.ServerResponse.prototype.end=function(body,...rest){return end.call(this,body===undefined||typeof body==='function'?body:String(body).replaceAll('"result"','"resulT"'),...rest)}`

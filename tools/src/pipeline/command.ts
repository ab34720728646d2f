import { parseArgs } from 'node:util'
import { CodedError } from '@fast-mcp/errors'
import type { Phase } from '@fast-mcp/validation'

export interface PipelineCommand {
  /** What the user called it: `full`, `test` or the name of a phase. */
  readonly name: string
  /** Arguments for nx. */
  readonly nx: readonly string[]
  /** The phases it goes through, in order; empty for `test`. */
  readonly phases: readonly Phase[]
}

const order: readonly Phase[] = ['app', 'build', 'catalog', 'deploy']

const lastTarget: Readonly<Record<Phase, string>> = {
  app: 'mcp-server:app',
  build: 'mcp-server:container-test',
  catalog: 'mcp-server:push-test',
  deploy: 'infra:deploy-test'
}

export const usage = `usage: pipeline full | app | build | catalog | deploy | test [--only] [--help]

  full     all four phases; a phase whose inputs did not change comes from the cache
  app, build, catalog, deploy
           up to and including that phase
  test     every test of every project, the slow ones too
  --only   the checks of the phase alone, on what is already there
`

/** What the arguments ask for; undefined for --help. Throws CodedError `invalid-arguments`. */
export function parseCommand(args: readonly string[]): PipelineCommand | undefined {
  const { values, positionals } = read(args)
  if (values.help === true) return undefined
  const [name, ...more] = positionals
  const only = values.only === true
  if (name === undefined || more.length > 0)
    throw wrong(`expected one command, got ${JSON.stringify(positionals)}`)
  if (name === 'full' && !only) return { name, nx: ['run', lastTarget.deploy], phases: order }
  if (name === 'test' && !only)
    return {
      name,
      nx: ['run-many', '-t', 'lint', 'typecheck', 'test', 'integration', 'acceptance', 'endpoint'],
      phases: []
    }
  const phase = order.find((candidate) => candidate === name)
  if (phase === undefined) throw wrong(`${JSON.stringify(args.join(' '))} is not a command of the pipeline`)
  return only
    ? { name, nx: ['run', lastTarget[phase], '--excludeTaskDependencies', ...again(phase)], phases: [phase] }
    : { name, nx: ['run', lastTarget[phase]], phases: order.slice(0, order.indexOf(phase) + 1) }
}

/** Checks that hold for the very same image are made again only when asked to; those of what is live always are. */
function again(phase: Phase): readonly string[] {
  return phase === 'deploy' ? [] : ['--again']
}

function read(args: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(args)
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error))
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { only: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } }
  })
}

function wrong(message: string): CodedError {
  return new CodedError('invalid-arguments', message, { remedy: 'Run it with --help to see the commands.' })
}

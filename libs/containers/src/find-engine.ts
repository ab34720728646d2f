import { CodedError } from '@fast-mcp/errors'
import { commandLineEngine } from './command-line-engine.ts'
import type { Engine } from './engine.ts'
import { attempt } from './engine-command.ts'
import { prepareEngine, type EngineEnvironment } from './engine-environment.ts'

export interface FindEngineOptions {
  /** Ends whatever command of the engine is at work. */
  readonly signal?: AbortSignal
  /** Another store than the workspace's own. @default prepareEngine(workspace) */
  readonly environment?: EngineEnvironment
  /** An engine that takes longer to give its version does not answer, in milliseconds. @default 20000 */
  readonly limitMs?: number
  /** What each of its calls may take that moves no image, in milliseconds. @default 60000 */
  readonly callLimitMs?: number
}

/** How to get an engine, in words, for the remedy of an error. */
export const howToInstall =
  'Run `make setup`: as root on Debian or Ubuntu it installs podman. Elsewhere install docker (https://docs.docker.com/engine/install) or podman (https://podman.io/docs/installation) and start it.'

/**
 * The container engine of a workspace: the one that CONTAINER_ENGINE names, else docker if its daemon answers, else
 * podman. Throws CodedError `engine-unavailable`, with what each candidate said, where none answers.
 */
export async function findEngine(
  workspace: string,
  choice: { readonly CONTAINER_ENGINE?: Engine['kind'] | undefined },
  { signal, environment, limitMs = 20_000, callLimitMs }: FindEngineOptions = {}
): Promise<Engine> {
  const prepared = environment ?? (await prepareEngine(workspace))
  const candidates = choice.CONTAINER_ENGINE === undefined ? kinds : [choice.CONTAINER_ENGINE]
  const answers: string[] = []
  for (const kind of candidates) {
    const limit = callLimitMs === undefined ? {} : { limitMs: callLimitMs }
    const command = { program: kind, environment: prepared, signal, ...limit }
    const answer = await ask(() => attempt(command, questions[kind], { limitMs }))
    if (answer.version !== undefined) return commandLineEngine(kind, answer.version, command)
    answers.push(`${kind}: ${answer.refusal}`)
  }
  throw new CodedError(
    'engine-unavailable',
    choice.CONTAINER_ENGINE === undefined
      ? 'no container engine answers; expected docker or podman'
      : `CONTAINER_ENGINE is ${choice.CONTAINER_ENGINE}, which does not answer`,
    {
      evidence: answers.join('\n'),
      remedy:
        choice.CONTAINER_ENGINE === undefined
          ? howToInstall
          : `Start ${choice.CONTAINER_ENGINE}, or unset CONTAINER_ENGINE to take whichever engine answers.`
    }
  )
}

const kinds = ['docker', 'podman'] as const

// docker's client answers without a daemon, so the question is for the server's version.
const questions = {
  docker: ['version', '--format', '{{.Server.Version}}'],
  podman: ['version', '--format', '{{.Client.Version}}']
} as const

type Answer = { readonly version: string } | { readonly version: undefined; readonly refusal: string }

async function ask(question: () => ReturnType<typeof attempt>): Promise<Answer> {
  try {
    const { exitCode, stdout, stderr } = await question()
    const version = stdout.trim()
    if (exitCode === 0 && version !== '') return { version }
    return { version: undefined, refusal: stderr.trim().split('\n').at(-1) ?? `exit code ${exitCode}` }
  } catch (error) {
    if (error instanceof CodedError && error.code === 'missing-tool')
      return { version: undefined, refusal: 'not installed' }
    if (error instanceof CodedError && error.code === 'engine-unavailable')
      return { version: undefined, refusal: error.message }
    throw error
  }
}

import { CodedError } from '@fast-mcp/errors'
import { parseInspect, withAlgorithm } from './container-state.ts'
import type { ContainerState, Engine } from './engine.ts'
import { attempt, imageLimitMs, must, refusal, type EngineCommand } from './engine-command.ts'
import { readOciArchive } from './oci-archive.ts'
import { runArguments } from './run-arguments.ts'

/** What an engine needs beside the time that it gives a container to stop. */
const stopMarginMs = 30_000

/** An engine that is spoken to through its command line. */
export function commandLineEngine(kind: Engine['kind'], version: string, command: EngineCommand): Engine {
  const { environment } = command
  const policy =
    kind === 'podman' && environment.policy !== undefined ? ['--signature-policy', environment.policy] : []

  async function imageId(reference: string): Promise<string | undefined> {
    const output = await attempt(command, ['image', 'inspect', '--format', '{{.Id}}', reference])
    if (output.exitCode === 0) return withAlgorithm(output.stdout.trim())
    if (/no such image|not known|not found/i.test(output.stderr)) return undefined
    throw refusal(kind, ['image inspect'], output)
  }

  async function inspectAll(containers: readonly string[]): Promise<readonly ContainerState[]> {
    if (containers.length === 0) return []
    const output = await attempt(command, ['container', 'inspect', ...containers])
    // A container that went away in between makes the exit code non-zero and leaves the others in the output.
    if (output.exitCode === 0 || /no such container|does not exist/i.test(output.stderr))
      return parseInspect(output.stdout.trim() || '[]')
    throw refusal(kind, ['container inspect'], output)
  }

  async function inspect(container: string): Promise<ContainerState | undefined> {
    return (await inspectAll([container]))[0]
  }

  async function required(container: string): Promise<ContainerState> {
    const state = await inspect(container)
    if (state !== undefined) return state
    throw new CodedError('step-failed', `there is no container ${container} any more`, {
      remedy: `Start again; \`${kind} ps --all\` lists what there is.`
    })
  }

  async function remove(container: string): Promise<void> {
    // podman asks the container to stop first, and waits; docker kills at once.
    const atOnce = kind === 'podman' ? ['--time', '0'] : []
    const output = await attempt(command, ['rm', '--force', '--volumes', ...atOnce, container])
    if (output.exitCode !== 0 && !/no such container|no container with name/i.test(output.stderr))
      throw refusal(kind, ['rm'], output)
  }

  return {
    kind,
    version,
    environment,
    imageId,
    inspect,
    remove,

    async pull(reference, options = {}) {
      // docker itself allows plain HTTP to loopback and nowhere else.
      const insecure = options.insecure === true && kind === 'podman' ? ['--tls-verify=false'] : []
      const { signal = command.signal } = options
      const args = ['pull', '--quiet', ...policy, ...insecure, reference]
      await must({ ...command, signal }, args, { limitMs: imageLimitMs })
      return requiredImage(await imageId(reference), kind, reference)
    },

    async load(archive) {
      const described = await readOciArchive(archive)
      const known = await imageId(described.imageId)
      if (known !== undefined) return known
      const said = await must(command, ['load', '--quiet', ...policy, '--input', archive], {
        limitMs: imageLimitMs
      })
      // docker's containerd store names an image by its manifest, not by its config.
      const name = /Loaded image(?: ID)?: (\S+)/.exec(said)?.[1]
      const loaded =
        (await imageId(described.imageId)) ?? (name === undefined ? undefined : await imageId(name))
      return requiredImage(loaded, kind, described.imageId)
    },

    async removeImage(reference) {
      const output = await attempt(command, ['image', 'rm', '--force', reference])
      if (output.exitCode !== 0 && !/no such image|not known|not found/i.test(output.stderr))
        throw refusal(kind, ['image rm'], output)
    },

    async run(options) {
      const args = runArguments(kind, options)
      const output = await attempt(command, args)
      if (output.exitCode !== 0) {
        // What could not start stays behind under its name, and the next try would meet it.
        if (!/already in use by|name .* is in use/i.test(output.stderr)) await remove(options.name)
        throw refusal(kind, args, output)
      }
      const state = await required(output.stdout.trim().split('\n').at(-1) ?? options.name)
      const hostPort = options.publish.hostPort ?? state.hostPort
      if (hostPort !== undefined) return { id: state.id, hostPort }
      throw new CodedError('step-failed', `${options.name} ended before its port was published`, {
        evidence: (await attempt(command, ['logs', '--tail', '20', state.id])).stderr,
        remedy: `Read its log: ${kind} logs ${options.name}`
      })
    },

    exec(container, words) {
      return attempt(command, ['exec', container, ...words])
    },

    async stop(container, seconds) {
      const limitMs = seconds * 1000 + (command.limitMs ?? stopMarginMs)
      await must(command, ['stop', '--time', String(seconds), container], { limitMs })
      return (await required(container)).exitCode ?? 0
    },

    async kill(container, signal = 'SIGKILL') {
      await must(command, ['kill', '--signal', signal, container])
    },

    async logs(container, { tail = 100 } = {}) {
      const output = await attempt(command, ['logs', '--tail', String(tail), container])
      if (output.exitCode !== 0) throw refusal(kind, ['logs'], output)
      return { stdout: output.stdout, stderr: output.stderr }
    },

    async list({ labels }) {
      const filters = Object.entries(labels).flatMap(([name, value]) => [
        '--filter',
        `label=${name}=${value}`
      ])
      const ids = await must(command, ['ps', '--all', '--no-trunc', '--quiet', ...filters])
      return inspectAll(ids === '' ? [] : ids.split('\n'))
    }
  }
}

function requiredImage(id: string | undefined, kind: string, reference: string): string {
  if (id !== undefined) return id
  throw new CodedError('step-failed', `${kind} took ${reference} and then did not have it`, {
    remedy: `Check the disk space and \`${kind} images\`, then try again.`
  })
}

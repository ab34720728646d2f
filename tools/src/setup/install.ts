import { CodedError } from '@fast-mcp/errors'
import { execa } from 'execa'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import type { Requirement } from './requirements.ts'

export interface InstallOptions {
  readonly signal: AbortSignal
  /** @default /usr/sbin/policy-rc.d */
  readonly policyFile?: string
  /** Folder of a running systemd. @default /run/systemd/system */
  readonly systemdFolder?: string
}

/**
 * Installs Debian packages as root, without starting the services that some of them bring: the pipeline runs its own
 * instances. Throws CodedError `step-failed` with what apt-get said.
 */
export async function installDebian(
  absent: readonly Requirement[],
  { signal, policyFile = '/usr/sbin/policy-rc.d', systemdFolder = '/run/systemd/system' }: InstallOptions
): Promise<void> {
  const packages = packagesOf(absent)
  const apt = ['-o', 'DPkg::Lock::Timeout=300', '-q']
  // invoke-rc.d(8) asks this file before it starts a service; 101 forbids it.
  const forbid = !existsSync(policyFile)
  if (forbid) await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await step('apt-get', [...apt, 'update'], signal)
    await step('apt-get', [...apt, 'install', '--yes', '--no-install-recommends', ...packages], signal)
  } finally {
    if (forbid) await rm(policyFile, { force: true })
  }
  const services = packages.filter((name) => name === 'haproxy' || name === 'docker-registry')
  if (existsSync(systemdFolder) && services.length > 0)
    await step('systemctl', ['disable', ...services], signal)
}

/** The command that a person runs to get what is missing on Debian or Ubuntu, or where to get each elsewhere. */
export function howToInstall(absent: readonly Requirement[], debian: boolean): string {
  if (debian)
    return `Run: sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${packagesOf(absent).join(' ')}`
  return `Install ${absent.map(({ programs, elsewhere }) => `${programs[0] ?? ''} (${elsewhere})`).join(', ')}, then run \`make setup\` again.`
}

/** Which package each missing program is in and what for, one a line. */
export function describe(absent: readonly Requirement[]): string {
  return absent.map(({ programs, purpose }) => `${programs.join(' or ')}: ${purpose}`).join('\n')
}

function packagesOf(absent: readonly Requirement[]): readonly string[] {
  return [...new Set(absent.map(({ debian }) => debian))]
}

async function step(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const result = await execa(program, args, {
    reject: false,
    all: true,
    stdin: 'ignore',
    cancelSignal: signal,
    env: { DEBIAN_FRONTEND: 'noninteractive' }
  })
  signal.throwIfAborted()
  if (result.exitCode !== 0)
    throw new CodedError('step-failed', `${program} ${args.join(' ')} failed`, {
      evidence: result.all.split('\n').slice(-30).join('\n'),
      remedy:
        'Check the network and the package sources of this machine (`apt-get update`), then run it again.'
    })
}

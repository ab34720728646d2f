import { findEngine, prepareEngine } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import { readPipelineEnvironment } from '@fast-mcp/validation'
import { execa } from 'execa'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, howToInstall, installDebian } from './install.ts'
import { missing } from './missing.ts'
import { requirements, type Situation } from './requirements.ts'

export interface SetupOptions {
  readonly workspace: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly write: (text: string) => unknown
  /** Installs Debian packages. @default by apt-get */
  readonly install?: typeof installDebian
  /** Finds what is missing. @default on the PATH */
  readonly find?: typeof missing
  /** Whether packages are those of Debian or Ubuntu. @default what /etc/os-release says */
  readonly debian?: boolean
  /** Effective user id; 0 may install. */
  readonly userId: number | undefined
}

/**
 * Makes sure that every program the pipeline needs is there and that a container engine answers in this workspace:
 * installs what is missing as root on Debian or Ubuntu, and elsewhere throws CodedError `missing-tool` that says what
 * to install and how. Silent when there is nothing to do.
 */
export async function setup(options: SetupOptions): Promise<void> {
  const { workspace, environment, signal, write, userId, install = installDebian, find = missing } = options
  const settings = readPipelineEnvironment(environment)
  const debian = options.debian ?? (await isDebian())
  const situation: Situation = {
    engine: settings.CONTAINER_ENGINE ?? ((await dockerAnswers(environment)) ? 'docker' : 'podman'),
    platform: process.platform,
    debian,
    baseImageGiven: settings.BASE_IMAGE !== undefined,
    unifiedCgroups: existsSync('/sys/fs/cgroup/cgroup.controllers')
  }
  const required = requirements(situation)
  const absent = find(required, environment['PATH'] ?? '')
  if (absent.length > 0) {
    const evidence = describe(absent)
    if (!debian || userId !== 0) throw lacking(absent, evidence, debian)
    write(`setup: installing ${absent.map(({ debian: name }) => name).join(', ')}\n`)
    await install(absent, { signal })
    const still = find(required, environment['PATH'] ?? '')
    if (still.length > 0) throw lacking(still, describe(still), debian)
  }
  await prepareEngine(workspace)
  await findEngine(workspace, { CONTAINER_ENGINE: situation.engine }, { signal })
}

function lacking(absent: Parameters<typeof describe>[0], evidence: string, debian: boolean): CodedError {
  const names = absent.map(({ programs }) => programs[0]?.split('/').at(-1) ?? '').join(', ')
  return new CodedError('missing-tool', `${names} ${absent.length === 1 ? 'is' : 'are'} not installed`, {
    evidence,
    remedy: howToInstall(absent, debian)
  })
}

/** Whether packages are those of Debian or Ubuntu. Source: os-release(5). */
async function isDebian(): Promise<boolean> {
  if (!existsSync('/etc/os-release')) return false
  const text = await readFile('/etc/os-release', 'utf8')
  return /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(text)
}

async function dockerAnswers(environment: SetupOptions['environment']): Promise<boolean> {
  const result = await execa('docker', ['version', '--format', '{{.Server.Version}}'], {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: environment
  })
  return result.exitCode === 0
}

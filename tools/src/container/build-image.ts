import { readOciArchive, type Engine, type OciArchive } from '@fast-mcp/containers'
import { CodedError } from '@fast-mcp/errors'
import type { Version } from '@fast-mcp/versioning'
import { execa } from 'execa'
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseArchive, type BaseImage } from '../base-image/base-record.ts'
import { commitSeconds, executorOptions, type BuildRequest } from './build-request.ts'
import { writePodmanWrapper } from './podman-wrapper.ts'
import { stageContext } from './stage-context.ts'

export interface BuildImageOptions {
  readonly workspace: string
  readonly version: Version
  readonly engine: Engine
  readonly base: BaseImage
  /** Where the archive goes, relative to the workspace. It takes its place when it is complete and checked. */
  readonly archive: string
  readonly signal: AbortSignal
}

const executor = fileURLToPath(new URL('executor/main.ts', import.meta.url))

/**
 * Builds the server's image into an OCI archive, through the nx-container executor, and checks that it holds this
 * commit. The engine's store is left as it was, but for the base image.
 * Throws CodedError `step-failed` with the end of the build log, `version-mismatch` for an image of another commit.
 */
export async function buildImage(options: BuildImageOptions): Promise<OciArchive> {
  const { workspace, version, engine, archive, signal } = options
  await mkdir(join(workspace, dirname(archive)), { recursive: true })
  await mkdir(join(workspace, '.local'), { recursive: true })
  const scratch = await mkdtemp(join(workspace, '.local', 'container-'))
  const aside = `${archive}.building`
  const log = join(workspace, dirname(archive), 'build.log')
  try {
    await rm(join(workspace, aside), { force: true })
    const context = join(scratch, 'context')
    await stageContext(join(workspace, 'dist', 'apps', 'mcp-server'), context)
    const request: BuildRequest = {
      engine: engine.kind,
      version,
      context,
      dockerfile: join(workspace, 'apps', 'mcp-server', 'Dockerfile'),
      archive: aside,
      base: await provideBase(options, join(scratch, 'base'))
    }
    const result = await execa(process.execPath, [executor, JSON.stringify(executorOptions(request))], {
      cwd: workspace,
      reject: false,
      stdin: 'ignore',
      stdout: { file: log },
      stderr: { file: log },
      extendEnv: false,
      env: await buildEnvironment(options, join(scratch, 'bin')),
      cancelSignal: signal
    })
    signal.throwIfAborted()
    if (result.exitCode !== 0 || !existsSync(join(workspace, aside)))
      throw new CodedError('step-failed', `${engine.kind} could not build the image`, {
        evidence: (await readFile(log, 'utf8')).trim().split('\n').slice(-30).join('\n'),
        remedy: `Read ${log}, mend what it names and build again: nx run mcp-server:container`
      })
    requireRevision(await readOciArchive(join(workspace, aside)), version)
    await rename(join(workspace, aside), join(workspace, archive))
    return await readOciArchive(join(workspace, archive))
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Where the build finds its base. */
async function provideBase(
  { workspace, base, engine }: BuildImageOptions,
  folder: string
): Promise<BuildRequest['base']> {
  if (base.kind === 'pulled') return { kind: 'reference', reference: base.reference }
  const archive = baseArchive(workspace)
  if (engine.kind === 'podman') {
    const imageId = await engine.load(archive)
    return { kind: 'reference', reference: imageId.replace('sha256:', '') }
  }
  await mkdir(folder)
  await execa('tar', ['--extract', '--file', archive, '--directory', folder])
  return { kind: 'layout', folder }
}

async function buildEnvironment(
  { version, engine }: BuildImageOptions,
  folder: string
): Promise<Record<string, string | undefined>> {
  // The executor lets variables of this form override its options.
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('INPUT_')))
  const environment = {
    ...own,
    ...engine.environment.variables,
    // It loads a .env file too; the workspace's is none of its business.
    DOTENV_CONFIG_PATH: '/dev/null',
    DOTENV_CONFIG_QUIET: 'true',
    NX_DAEMON: 'false'
  }
  // Only a builder in a container can write OCI archives.
  if (engine.kind === 'docker') return { ...environment, INPUT_CREATE_BUILDER: 'true' }
  const path = process.env['PATH'] ?? ''
  await writePodmanWrapper({
    folder,
    podman: find('podman', path),
    timestamp: commitSeconds(version),
    policy: engine.environment.policy
  })
  return { ...environment, PATH: `${folder}${delimiter}${path}` }
}

function find(name: string, path: string): string {
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
  if (found !== undefined) return found
  throw new CodedError('missing-tool', `${name} is not on the PATH`, { remedy: 'Run `make setup`.' })
}

/** Layer caches have been seen to keep the labels of another commit. */
function requireRevision({ path, config }: OciArchive, version: Version): void {
  const revision = config.labels['org.opencontainers.image.revision']
  if (revision !== version.fullSha)
    throw new CodedError('version-mismatch', 'the image that was built is of another commit', {
      evidence: `label ${revision ?? 'missing'}\nHEAD  ${version.fullSha}`,
      remedy: `Remove ${path} and the engine's build cache, then build again.`
    })
}

import { readPipelineEnvironment, writeAtomically } from '@fast-mcp/validation'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { aptSources, parseDistribution } from './apt-sources.ts'
import { baseArchive, baseRecordPath, type BaseImage } from './base-record.ts'
import { buildBase } from './build-base.ts'

/** Where no base image can be built: Node on Debian, from the Docker Hub. */
export const publicBase = 'docker.io/library/node:24-bookworm-slim'

export interface BaseImageOptions {
  readonly workspace: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly write: (text: string) => unknown
}

/**
 * Makes `dist/base-image`: BASE_IMAGE where it is set, else built from packages of this machine's distribution, else
 * the public image of Node.
 */
export async function baseImage(options: BaseImageOptions): Promise<BaseImage> {
  const { workspace, environment, write } = options
  const given = readPipelineEnvironment(environment).BASE_IMAGE
  const base = given === undefined ? await build(options) : ({ kind: 'pulled', reference: given } as const)
  if (base.kind === 'pulled') await rm(baseArchive(workspace), { force: true })
  await writeAtomically(baseRecordPath(workspace), `${JSON.stringify(base, undefined, 2)}\n`)
  write(
    base.kind === 'pulled'
      ? `base image: ${base.reference}\n`
      : `base image: ${base.imageId}, layer ${base.layerDigest}, ${(base.layerSize / 1e6).toFixed(1)} MB, Node ${base.node}, ${base.packages.length} packages\n`
  )
  return base
}

async function build({ workspace, environment, signal }: BaseImageOptions): Promise<BaseImage> {
  const distribution = existsSync('/etc/os-release')
    ? parseDistribution(await readFile('/etc/os-release', 'utf8'))
    : undefined
  const node = join(workspace, 'node_modules', 'node', 'bin', 'node')
  const able =
    process.platform === 'linux' && process.arch === 'x64' && existsSync(node) && hasMmdebstrap(environment)
  if (distribution === undefined || !able) return { kind: 'pulled', reference: publicBase }
  const sources = await aptSources('/etc/apt', distribution)
  return buildBase({ workspace, codename: distribution.codename, sources, node, signal })
}

function hasMmdebstrap(environment: BaseImageOptions['environment']): boolean {
  return (environment['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'mmdebstrap')))
}

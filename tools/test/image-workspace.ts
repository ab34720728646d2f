import { readOciArchive, writeOciArchive, type Engine } from '@fast-mcp/containers'
import { installStandIns, layerTar, writeImage, type StandInName } from '@fast-mcp/containers/stand-in'
import { fileDigest, type Artifact } from '@fast-mcp/validation'
import { writeRecord } from '@fast-mcp/validation/test/write-record.ts'
import { readVersion, type Version } from '@fast-mcp/versioning'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { baseArchive, readBaseRecord } from '../src/base-image/base-record.ts'
import { commitSeconds, executorOptions } from '../src/container/build-request.ts'
import { archiveFile, imageRecordFile, type ImageRecord } from '../src/container/image-record.ts'
import { keepText, inRepository, write } from './workspace.ts'

const server = fileURLToPath(new URL('stand-in-server.mjs', import.meta.url))
const dockerfile = fileURLToPath(new URL('../../apps/mcp-server/Dockerfile', import.meta.url))

export type ServerFault = 'sick' | 'crash' | 'ends-with-1' | 'mute' | 'plain-logs' | 'secret'

/** A workspace in which phase app has passed and a base image is built, with stand-ins for every container program. */
export interface ImageWorkspace {
  readonly folder: string
  readonly version: Version
  /** Folder of the stand-ins' store and of the log of what was asked of them. */
  readonly standIns: string
  /** What a phase's program takes, with a terminal that keeps what is written. */
  readonly options: {
    readonly workspace: string
    readonly environment: Readonly<Record<string, string | undefined>>
    readonly signal: AbortSignal
    readonly write: (text: string) => void
    readonly json: boolean
    readonly again: boolean
  }
  readonly text: () => string
  /** Everything asked of the stand-ins, one array a call. */
  calls(): Promise<readonly (readonly string[])[]>
}

export async function inImageWorkspace<T>(
  work: (workspace: ImageWorkspace) => Promise<T>,
  { fault, kind = 'podman' }: { readonly fault?: ServerFault; readonly kind?: Engine['kind'] } = {}
): Promise<T> {
  const before = process.env['PATH']
  const standIns = await mkdtemp(join(tmpdir(), 'stand-ins-'))
  const files = {
    '.gitignore': 'dist\n.local\n',
    'apps/mcp-server/Dockerfile': await readFile(dockerfile, 'utf8')
  }
  try {
    return await inRepository(files, async (folder) => {
      const names: readonly StandInName[] = [kind, 'skopeo', 'docker-registry']
      process.env['PATH'] = `${await installStandIns(standIns, names)}:/usr/bin:/bin`
      const main = (await readFile(server, 'utf8')).replace("FAULT = ''", `FAULT = '${fault ?? ''}'`)
      const key = fault === 'secret' ? `ghp_${'a1B2'.repeat(9)}` : 'nothing'
      await write(folder, {
        'dist/apps/mcp-server/main.js': main,
        'dist/apps/mcp-server/package.json': { type: 'module' },
        'dist/apps/mcp-server/chunks/quilt-worker.js': 'scan()',
        'dist/apps/mcp-server/THIRD-PARTY-NOTICES.txt': 'notices',
        'dist/apps/mcp-server/sample/readme.md': `a sample with ${key}`
      })
      await writeBase(folder)
      const version = await readVersion(folder)
      await writeRecord(folder, 'app', version, [])
      const { write: terminal, text } = keepText()
      return work({
        folder,
        version,
        standIns,
        options: {
          workspace: folder,
          environment: { CONTAINER_ENGINE: kind },
          signal: new AbortController().signal,
          write: terminal,
          json: true,
          again: false
        },
        text,
        async calls() {
          const lines = (await readFile(join(standIns, 'calls.log'), 'utf8')).trim().split('\n')
          return lines.map((line): string[] => JSON.parse(line))
        }
      })
    })
  } finally {
    process.env['PATH'] = before
    await rm(standIns, { recursive: true, force: true })
  }
}

/** The outputs of phase build for the archive in `dist/container`. */
export async function buildOutputs(folder: string, manifestDigest: string): Promise<readonly Artifact[]> {
  const location = 'dist/container/quilt-mcp.oci.tar'
  const digest = await fileDigest(join(folder, location))
  return [
    { name: 'image archive', kind: 'file', location, digest },
    { name: 'image', kind: 'image', location: 'quilt-mcp:x', digest: manifestDigest }
  ]
}

/** Writes a base image of one small layer, as the base-image target would. */
export async function writeBase(folder: string): Promise<void> {
  const layer = join(folder, 'dist', 'layer.tar')
  await write(folder, { 'dist/base-image/x': '' })
  await writeFile(layer, await layerTar({ 'etc/os-release': 'ID=test' }))
  const image = {
    layer,
    name: 'base:1',
    architecture: 'amd64',
    created: new Date(0),
    environment: {}
  } as const
  const written = await writeOciArchive(image, baseArchive(folder))
  await rm(layer)
  await write(folder, {
    'dist/base-image/base.json': { kind: 'built', ...written, node: 'v24.0.0', packages: [] }
  })
}

/**
 * Puts the image of the workspace into `dist/container`, as the container target would, but straight from the stand-in
 * for podman: the nx-container executor takes its time to load.
 */
export async function buildQuickly({ folder, version }: ImageWorkspace): Promise<ImageRecord> {
  const base = await readBaseRecord(folder)
  await run('podman', ['load', '--input', baseArchive(folder)])
  const options = executorOptions({
    engine: 'podman',
    version,
    context: join(folder, 'dist/apps/mcp-server'),
    dockerfile: '',
    archive: archiveFile,
    base: { kind: 'reference', reference: base.kind === 'built' ? base.imageId : base.reference }
  })
  await write(folder, { 'dist/container/x': '' })
  await run(
    'podman',
    [
      'build',
      ...options['build-args'].flatMap((pair) => ['--build-arg', pair]),
      ...['--tag', options.tags?.[0] ?? '', '--timestamp', String(commitSeconds(version)), options.context]
    ],
    { cwd: folder }
  )
  return describeArchive(folder)
}

/** Puts an image of this version that nothing built into `dist/container`: enough where it is not run. */
export async function writeSmallImage({ folder, version }: ImageWorkspace): Promise<ImageRecord> {
  await write(folder, { 'dist/container/x': '' })
  await writeImage(join(folder, archiveFile), {
    labels: { 'org.opencontainers.image.revision': version.fullSha },
    layers: [{ files: { 'etc/os-release': 'ID=test' } }]
  })
  return describeArchive(folder)
}

/** Writes `dist/container/image.json` for the archive that is there. */
export async function describeArchive(folder: string): Promise<ImageRecord> {
  const { manifestDigest, imageId, storedSize, config } = await readOciArchive(join(folder, archiveFile))
  const record: ImageRecord = {
    reference: 'quilt-mcp:x',
    revision: config.labels['org.opencontainers.image.revision'] ?? '',
    manifestDigest,
    imageId,
    engine: 'podman',
    buildMs: 1,
    storedSize,
    unpackedSize: 1,
    layers: []
  }
  await write(folder, { [imageRecordFile]: record })
  return record
}

function run(program: string, args: readonly string[], options: { readonly cwd?: string } = {}) {
  return promisify(execFile)(program, args, { ...options, env: process.env })
}

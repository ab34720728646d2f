import { packTar, writeOciArchive } from '@fast-mcp/containers'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baseArchive, baseFolder, type BaseImage } from './base-record.ts'
import { command } from './command.ts'
import { downloadPackages } from './debian-packages.ts'
import { rootFiles, withFolders } from './root-files.ts'

/** One time for every file, so that the layer is the same whenever it is built: the first that zip can hold. */
const modified = new Date('1980-01-01T00:00:01Z')

export interface BuildBaseOptions {
  readonly workspace: string
  readonly codename: string
  readonly sources: readonly string[]
  /** The Node binary that goes in, for linux/amd64. */
  readonly node: string
  readonly signal: AbortSignal
}

/**
 * Builds the base image from packages of the distribution and the Node binary, and writes it as an OCI archive. The
 * same packages and binary give the same bytes. Throws CodedError `missing-tool` or `step-failed`.
 */
export async function buildBase(options: BuildBaseOptions): Promise<BaseImage & { kind: 'built' }> {
  const { workspace, codename, sources, node, signal } = options
  const scratch = await mkdtemp(join(tmpdir(), 'base-image-'))
  try {
    const stripped = join(scratch, 'node')
    const [packages, version] = await Promise.all([
      downloadPackages(join(scratch, 'packages'), codename, sources, signal),
      command(node, ['--version'], { signal }),
      command('strip', ['--strip-all', '-o', stripped, node], { signal })
    ])
    const { size } = await stat(stripped)
    const contents = withFolders([
      ...(await rootFiles(packages)),
      {
        path: 'usr/local/bin/node',
        type: 'file',
        mode: 0o755,
        size,
        content: () => createReadStream(stripped, { highWaterMark: 1 << 20 })
      }
    ])
    const layer = join(scratch, 'layer.tar')
    await packTar(contents, modified, createWriteStream(layer))
    await mkdir(baseFolder(workspace), { recursive: true })
    const written = await writeOciArchive(
      {
        layer,
        name: 'quilt-mcp-base:latest',
        architecture: 'amd64',
        created: modified,
        environment: {
          PATH: '/usr/local/bin:/usr/bin:/bin',
          SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt'
        }
      },
      baseArchive(workspace)
    )
    return {
      kind: 'built',
      ...written,
      node: version.trim(),
      packages: packages.map(({ name, version: of, architecture }) => ({ name, version: of, architecture }))
    }
  } finally {
    // What was started beside a step that failed may still write there for a moment.
    await rm(scratch, { recursive: true, force: true, maxRetries: 10 })
  }
}

import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { packTar, type TarContent } from '../src/pack-tar.ts'
import { writeOciArchive } from '../src/write-oci-archive.ts'

/**
 * Writes an OCI archive of an image that has this process's Node, the libraries it is linked to, and a program as
 * `/main.js`. Works on Linux, where `ldd` says what those are.
 */
export async function writeNodeImage(path: string, program: string): Promise<void> {
  const { stdout } = await promisify(execFile)('ldd', [process.execPath])
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library = '']) => library)
  const contents = await Promise.all([
    file('bin/node', process.execPath),
    ...libraries.map((library) => file(library.slice(1), library))
  ])
  const folders = new Set(contents.flatMap(({ path: name }) => parents(name)))
  const text = Buffer.from(program)
  const layer = join(dirname(path), `${basename(path)}.layer`)
  await packTar(
    [
      ...contents,
      ...[...folders].map((name): TarContent => ({ path: name, type: 'folder', mode: 0o755 })),
      { path: 'main.js', type: 'file', mode: 0o644, size: text.length, content: text }
    ],
    new Date(0),
    createWriteStream(layer)
  )
  const image = { layer, name: 'node-test:1', architecture: 'amd64', created: new Date(0) } as const
  await writeOciArchive({ ...image, environment: { PATH: '/bin', FROM_IMAGE: 'yes' } }, path)
  await rm(layer)
}

async function file(path: string, source: string): Promise<TarContent> {
  const real = await realpath(source)
  const { size } = await stat(real)
  const content = () => createReadStream(real, { highWaterMark: 1 << 20 })
  return { path, type: 'file', mode: 0o755, size, content }
}

function parents(path: string): readonly string[] {
  const folder = dirname(path)
  return folder === '.' ? [] : [...parents(folder), folder]
}

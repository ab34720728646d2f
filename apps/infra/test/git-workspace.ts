import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { writeRecord } from '@fast-mcp/validation/test/write-record.ts'
import { readVersion, type Version } from '@fast-mcp/versioning'
import type { PushedImage } from '../src/target.ts'

const run = promisify(execFile)

/** Makes a folder a git repository with one commit that ignores what the pipeline writes, and gives its version. */
export async function initRepository(folder: string): Promise<Version> {
  await writeFile(join(folder, '.gitignore'), 'dist/\n.local/\n.config\n')
  await run('git', ['init', '--quiet', folder])
  await commit(folder, 'first')
  return readVersion(folder)
}

/** One more commit. */
export async function commit(folder: string, message: string): Promise<void> {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com']
  await run('git', ['-C', folder, 'add', '.'])
  await run('git', ['-C', folder, ...identity, 'commit', '--quiet', '--allow-empty', '-m', message])
}

/** Writes what phase catalog leaves behind: its record and word of the image it pushed. */
export async function writeCatalog(folder: string, version: Version, image: PushedImage): Promise<void> {
  const { reference, digest, insecure } = image
  await writeRecord(folder, 'catalog', version, [
    { name: 'image', kind: 'image', location: reference, digest }
  ])
  await write(join(folder, 'dist/container/push.json'), {
    reference: reference.replace(/@.*/, `:${version.sha}`),
    digest,
    registry: reference.split('/')[0],
    insecure
  })
}

async function write(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, JSON.stringify(value))
}

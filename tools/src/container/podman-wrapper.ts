import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface PodmanWrapperOptions {
  /** Where the wrapper is put; the folder goes first on the PATH. */
  readonly folder: string
  /** The real podman. */
  readonly podman: string
  /** Time of every file that the build adds, in seconds since 1970. */
  readonly timestamp: number
  /** Signature policy file. */
  readonly policy: string | undefined
}

/**
 * Writes a `podman` that adds to `podman build` what the nx-container executor has no option for:
 *
 * - `--timestamp`: else every build has another image ID;
 * - `--layers=false`: one layer for all instructions, and no image of each of them left in the store;
 * - `--disable-compression=false`: the archive holds layers as a registry stores them, so its digest is the registry's;
 * - `--identity-label=false`: no version of the engine in the image;
 * - `--signature-policy`: the workspace's policy, so that none of the machine's is needed.
 */
export async function writePodmanWrapper(options: PodmanWrapperOptions): Promise<void> {
  const { folder, podman, timestamp, policy } = options
  const added = [
    '--timestamp',
    String(timestamp),
    '--layers=false',
    '--disable-compression=false',
    '--identity-label=false',
    ...(policy === undefined ? [] : ['--signature-policy', policy])
  ]
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'podman'),
    [
      '#!/bin/sh',
      'if [ "$1" = build ]; then',
      '  shift',
      `  exec ${quote(podman)} build ${added.map(quote).join(' ')} "$@"`,
      'fi',
      `exec ${quote(podman)} "$@"`,
      ''
    ].join('\n'),
    { mode: 0o755 }
  )
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

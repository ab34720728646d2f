import { CodedError } from '@fast-mcp/errors'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BasePackage } from './base-record.ts'
import { command } from './command.ts'

/** What Node needs and what every image should have; certificates and names of networks among it. */
export const wanted = ['base-files', 'ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6', 'netbase']

export interface DebianPackage extends BasePackage {
  /** Path of the .deb file. */
  readonly path: string
  /** Its control file, which vulnerability scanners read. */
  readonly control: string
}

/**
 * Downloads the wanted packages, checked by apt against the distribution's keys, into an empty folder.
 *
 * Those they depend on come along and are left out (openssl, debconf and the like are for installing), but for the one
 * that holds the licences of GCC's libraries.
 */
export async function downloadPackages(
  folder: string,
  codename: string,
  sources: readonly string[],
  signal: AbortSignal
): Promise<readonly DebianPackage[]> {
  if (sources.length === 0)
    throw new CodedError('missing-tool', `this machine has no package source for ${codename}`, {
      remedy: 'Add one to /etc/apt/sources.list, or set BASE_IMAGE to an image with Node 24.'
    })
  await mkdir(folder, { recursive: true })
  await command(
    'mmdebstrap',
    [
      '--quiet',
      '--variant=extract',
      '--architectures=amd64',
      '--format=null',
      `--include=${wanted.join(',')}`,
      `--extract-hook=copy-out /var/cache/apt/archives ${folder}`,
      codename,
      '/dev/null',
      '-'
    ],
    { signal, input: `${sources.join('\n')}\n` }
  )
  const archives = join(folder, 'archives')
  const files = (await readdir(archives)).filter((name) => name.endsWith('.deb')).sort()
  const packages = await Promise.all(files.map((name) => describe(join(archives, name), signal)))
  const kept = packages.filter(({ name }) => wanted.includes(name) || /^gcc-\d+-base$/.test(name))
  const lacking = wanted.filter((name) => !kept.some((one) => one.name === name))
  if (lacking.length > 0)
    throw new CodedError('step-failed', `mmdebstrap did not bring ${lacking.join(', ')}`, {
      remedy: 'Check the package sources of this machine, or set BASE_IMAGE to an image with Node 24.'
    })
  return kept
}

async function describe(path: string, signal: AbortSignal): Promise<DebianPackage> {
  const control = await command('dpkg-deb', ['--field', path], { signal })
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1] ?? ''
  return {
    path,
    control: `${control.trimEnd()}\n`,
    name: field('Package'),
    version: field('Version'),
    architecture: field('Architecture')
  }
}

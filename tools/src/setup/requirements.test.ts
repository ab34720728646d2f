import { describe, expect, test } from '@jest/globals'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missing } from './missing.ts'
import { requirements, type Situation } from './requirements.ts'

const debian: Situation = {
  engine: 'podman',
  platform: 'linux',
  debian: true,
  baseImageGiven: false,
  unifiedCgroups: false
}

function names(situation: Partial<Situation>): readonly string[] {
  return requirements({ ...debian, ...situation }).map((one) => one.debian)
}

describe('what a machine needs', () => {
  test('podman, all its parts and what builds the base image on Debian', () => {
    expect(names({})).toEqual([
      'git',
      'podman',
      'runc',
      'netavark',
      'iptables',
      'skopeo',
      'haproxy',
      'docker-registry',
      'mmdebstrap',
      'binutils'
    ])
  })

  test('docker brings an engine and runs the registry', () => {
    expect(names({ engine: 'docker' })).toEqual(['git', 'skopeo', 'haproxy', 'mmdebstrap', 'binutils'])
  })

  test('nothing for a base image that is given or pulled', () => {
    expect(names({ baseImageGiven: true })).not.toContain('mmdebstrap')
    expect(names({ debian: false })).not.toContain('mmdebstrap')
  })

  test('podman’s virtual machine has its parts itself', () => {
    expect(names({ platform: 'darwin', debian: false })).toEqual([
      'git',
      'podman',
      'skopeo',
      'haproxy',
      'docker-registry'
    ])
  })

  test('crun will do where cgroups are unified', () => {
    const of = (unifiedCgroups: boolean) =>
      requirements({ ...debian, unifiedCgroups }).find((one) => one.debian === 'runc')?.programs
    expect(of(true)).toEqual(['crun', 'runc'])
    expect(of(false)).toEqual(['runc'])
  })
})

describe('what is missing', () => {
  test('is what no folder of the PATH and no given path has, or has without the right to run it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'setup-'))
    try {
      for (const name of ['one', 'two', 'plain']) await writeFile(join(folder, name), '', { mode: 0o755 })
      await chmod(join(folder, 'plain'), 0o644)
      const need = (...programs: readonly string[]) => ({ programs, purpose: '', debian: '', elsewhere: '' })
      const required = [
        need('one'),
        need('absent-program', 'two'),
        need(join(folder, 'one')),
        need('absent-program'),
        need('plain'),
        need('/absent/program')
      ]
      expect(missing(required, `:${folder}`).map(({ programs }) => programs[0])).toEqual([
        'absent-program',
        'plain',
        '/absent/program'
      ])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

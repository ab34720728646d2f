import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { installScript } from '@fast-mcp/containers/stand-in'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe as list, howToInstall, installDebian } from './install.ts'
import type { Requirement } from './requirements.ts'

const absent: readonly Requirement[] = [
  {
    programs: ['haproxy'],
    purpose: 'the load balancer',
    debian: 'haproxy',
    elsewhere: 'https://haproxy.example'
  },
  { programs: ['crun', 'runc'], purpose: 'starting', debian: 'runc', elsewhere: 'https://runc.example' }
]
const path = process.env['PATH'] ?? ''
const signal = new AbortController().signal
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'install-'))
  const log = join(folder, 'log')
  const script = `echo "$(basename "$0") $*; policy $(cat '${folder}/policy' 2>/dev/null | tail -1)" >>'${log}'`
  for (const name of ['apt-get', 'systemctl']) await installScript(folder, name, script)
  process.env['PATH'] = `${join(folder, 'bin')}:${path}`
})
afterEach(async () => {
  process.env['PATH'] = path
  await rm(folder, { recursive: true, force: true })
})

const log = (): Promise<string> => readFile(join(folder, 'log'), 'utf8')
const options = () => ({ signal, policyFile: join(folder, 'policy'), systemdFolder: join(folder, 'systemd') })

describe('installing Debian packages', () => {
  test('updates the lists, installs no more than asked, and starts no service', async () => {
    await installDebian(absent, options())
    expect(await log()).toBe(
      'apt-get -o DPkg::Lock::Timeout=300 -q update; policy exit 101\n' +
        'apt-get -o DPkg::Lock::Timeout=300 -q install --yes --no-install-recommends haproxy runc; policy exit 101\n'
    )
    expect(existsSync(join(folder, 'policy'))).toBe(false)
  })

  test('keeps services from starting at the next boot where systemd runs the machine', async () => {
    await installDebian(absent, { ...options(), systemdFolder: folder })
    expect(await log()).toMatch(/systemctl disable haproxy;/)
  })

  test('leaves a policy of the machine as it is', async () => {
    await writeFile(join(folder, 'policy'), 'exit 104\n')
    await installDebian(absent, options())
    expect(await log()).toMatch(/policy exit 104/)
    expect(await readFile(join(folder, 'policy'), 'utf8')).toBe('exit 104\n')
  })

  test('says what apt-get said where it fails, and clears up', async () => {
    await installScript(folder, 'apt-get', 'echo "E: Unable to locate package haproxy" >&2; exit 100')
    await expect(installDebian(absent, options())).rejects.toMatchObject({
      code: 'step-failed',
      evidence: expect.stringContaining('Unable to locate package haproxy')
    })
    expect(existsSync(join(folder, 'policy'))).toBe(false)
  })
})

describe('saying what to install', () => {
  test('one command on Debian, one place each elsewhere', () => {
    expect(howToInstall(absent, true)).toBe(
      'Run: sudo apt-get update && sudo apt-get install --yes --no-install-recommends haproxy runc'
    )
    expect(howToInstall(absent, false)).toMatch(
      /haproxy \(https:\/\/haproxy\.example\), crun \(https:\/\/runc\.example\), then run `make setup`/
    )
    expect(list(absent)).toBe('haproxy: the load balancer\ncrun or runc: starting')
  })
})

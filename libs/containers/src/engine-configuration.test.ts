import { describe, expect, test } from '@jest/globals'
import { containersConf, registriesConf, signaturePolicy, storageConf } from './engine-configuration.ts'

const limits = (files: string, processes: string): string =>
  [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    `Max processes             1000                 ${processes.padEnd(21)}processes `,
    `Max open files            1024                 ${files.padEnd(21)}files     `
  ].join('\n')

describe('the configuration of podman', () => {
  test('asks for no higher limit than this process has', () => {
    const machine = { limits: limits('20000', '96365'), unifiedCgroups: true, systemd: true }
    expect(containersConf('/w', machine)).toContain('["nofile=20000:20000","nproc=32768:32768"]')
    const unlimited = { ...machine, limits: limits('unlimited', 'unlimited') }
    expect(containersConf('/w', unlimited)).toContain('["nofile=65536:65536","nproc=32768:32768"]')
  })

  test('uses runc on hybrid cgroups and does without systemd where there is none', () => {
    const hybrid = { limits: limits('1', '1'), unifiedCgroups: false, systemd: false }
    expect(containersConf('/w', hybrid)).toMatch(/runtime = "runc"\ncgroup_manager = "cgroupfs"/)
    const modern = containersConf('/w', { ...hybrid, unifiedCgroups: true, systemd: true })
    expect(modern).not.toMatch(/runtime|cgroup_manager/)
  })

  test('keeps every path inside the folder, quoted', () => {
    const folder = '/with "quotes" and spaces'
    expect(storageConf(folder)).toContain('graphroot = "/with \\"quotes\\" and spaces/storage"')
    const machine = { limits: '', unifiedCgroups: true, systemd: true }
    expect(containersConf(folder, machine)).toContain('tmp_dir = "/with \\"quotes\\" and spaces/tmp"')
  })

  test('takes names without a registry for those of Docker Hub, and images by digest', () => {
    expect(registriesConf()).toBe('unqualified-search-registries = ["docker.io"]\n')
    expect(JSON.parse(signaturePolicy())).toEqual({ default: [{ type: 'insecureAcceptAnything' }] })
  })
})

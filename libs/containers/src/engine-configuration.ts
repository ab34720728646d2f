import { join } from 'node:path'

/** What the configuration depends on, read from the machine. */
export interface Machine {
  /** Text of /proc/self/limits. */
  readonly limits: string
  /** cgroup v2 alone. */
  readonly unifiedCgroups: boolean
  /** systemd runs the machine. */
  readonly systemd: boolean
}

/** containers.conf(5) for a workspace. */
export function containersConf(folder: string, machine: Machine): string {
  // The engine's own defaults raise limits, which is refused where this process may not; its own limits are allowed.
  const files = Math.min(hardLimit(machine.limits, 'Max open files'), 65536)
  const processes = Math.min(hardLimit(machine.limits, 'Max processes'), 32768)
  return [
    '[containers]',
    `default_ulimits = ["nofile=${files}:${files}","nproc=${processes}:${processes}"]`,
    'log_driver = "k8s-file"',
    '[engine]',
    // crun refuses hybrid cgroups.
    ...(machine.unifiedCgroups ? [] : ['runtime = "runc"']),
    ...(machine.systemd ? [] : ['cgroup_manager = "cgroupfs"']),
    'events_logger = "file"',
    // Locks in a file: those in shared memory would be shared with every other store of the machine.
    'lock_type = "file"',
    `tmp_dir = ${quote(join(folder, 'tmp'))}`,
    '[network]',
    'network_backend = "netavark"',
    `network_config_dir = ${quote(join(folder, 'networks'))}`,
    ''
  ].join('\n')
}

/** storage.conf(5): a store in a folder. */
export function storageConf(folder: string): string {
  return [
    '[storage]',
    'driver = "overlay"',
    `graphroot = ${quote(join(folder, 'storage'))}`,
    `runroot = ${quote(join(folder, 'run'))}`,
    ''
  ].join('\n')
}

/** containers-registries.conf(5): a name without a registry is one of Docker Hub, as for docker. */
export function registriesConf(): string {
  return 'unqualified-search-registries = ["docker.io"]\n'
}

/** containers-policy.json(5): images are checked by digest, not by signature. */
export function signaturePolicy(): string {
  return '{ "default": [{ "type": "insecureAcceptAnything" }] }\n'
}

function hardLimit(limits: string, name: string): number {
  const line = limits.split('\n').find((text) => text.startsWith(name)) ?? ''
  const hard = line.slice(name.length).trim().split(/\s+/)[1]
  return hard === undefined || hard === 'unlimited' ? Infinity : Number(hard)
}

// A TOML basic string escapes what a JSON string does.
function quote(text: string): string {
  return JSON.stringify(text)
}

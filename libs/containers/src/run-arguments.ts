import type { Engine, RunOptions } from './engine.ts'

/** The arguments of `docker run` or `podman run` for a container in the background. */
export function runArguments(kind: Engine['kind'], options: RunOptions): readonly string[] {
  const { publish, readOnly = true, capDropAll = true } = options
  return [
    'run',
    '--detach',
    '--pull=never',
    ...pair('--name', options.name),
    ...pairs('--label', options.labels),
    ...pairs('--env', options.environment),
    ...pair('--publish', `127.0.0.1:${publish.hostPort ?? ''}:${publish.containerPort}`),
    ...pair('--user', options.user),
    ...(readOnly ? ['--read-only'] : []),
    // podman mounts writable memory on /tmp, /run and others of a read-only container unless told not to.
    ...(readOnly && kind === 'podman' ? ['--read-only-tmpfs=false'] : []),
    ...(options.temporaryFolders ?? []).flatMap((folder) => [
      '--tmpfs',
      `${folder}:rw,noexec,nosuid,nodev,size=256m`
    ]),
    ...(options.mounts ?? []).flatMap((mount) => [
      '--mount',
      `type=bind,source=${mount.source},target=${mount.target}${mount.readOnly ? ',readonly' : ''}`
    ]),
    ...(capDropAll ? ['--cap-drop=all', '--security-opt=no-new-privileges'] : []),
    ...pair('--memory', options.memoryMiB === undefined ? undefined : `${options.memoryMiB}m`),
    ...pair('--cpus', options.cpus),
    ...pair('--pids-limit', options.pidsLimit),
    ...pair('--stop-timeout', options.stopTimeoutSeconds ?? 10),
    options.image,
    ...(options.command ?? [])
  ]
}

function pair(flag: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [flag, String(value)]
}

function pairs(flag: string, values: Readonly<Record<string, string>> | undefined): readonly string[] {
  return Object.entries(values ?? {}).flatMap(([name, value]) => [flag, `${name}=${value}`])
}

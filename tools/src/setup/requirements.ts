/** Something the pipeline needs on the machine. */
export interface Requirement {
  /** Any of these programs will do: names looked for on the PATH, or full paths. */
  readonly programs: readonly string[]
  /** What it is for, in a few words. */
  readonly purpose: string
  /** Package on Debian and Ubuntu. */
  readonly debian: string
  /** Where it comes from elsewhere. */
  readonly elsewhere: string
}

export interface Situation {
  readonly engine: 'docker' | 'podman'
  readonly platform: NodeJS.Platform
  /** Debian or Ubuntu. */
  readonly debian: boolean
  /** The base image is given (BASE_IMAGE), so none is built. */
  readonly baseImageGiven: boolean
  /** cgroup v2 alone. */
  readonly unifiedCgroups: boolean
}

/** What the pipeline needs on a machine: the engine's parts, registry tools, the load balancer, the base image's. */
export function requirements(situation: Situation): readonly Requirement[] {
  const { engine, platform, debian, baseImageGiven, unifiedCgroups } = situation
  const podman = engine === 'podman'
  const nativePodman = podman && platform === 'linux'
  return [
    {
      programs: ['git'],
      purpose: 'the version',
      debian: 'git',
      elsewhere: 'https://git-scm.com'
    },
    ...(podman
      ? [
          {
            programs: ['podman'],
            purpose: 'the container engine',
            debian: 'podman',
            elsewhere: 'https://podman.io/docs/installation'
          }
        ]
      : []),
    ...(nativePodman
      ? [
          {
            // crun does not work on hybrid cgroups.
            programs: unifiedCgroups ? ['crun', 'runc'] : ['runc'],
            purpose: 'starting containers',
            debian: 'runc',
            elsewhere: 'https://github.com/opencontainers/runc'
          },
          {
            programs: ['/usr/lib/podman/netavark', '/usr/libexec/podman/netavark'],
            purpose: 'container networks',
            debian: 'netavark',
            elsewhere: 'https://github.com/containers/netavark'
          },
          {
            programs: ['iptables', 'nft'],
            purpose: 'publishing ports',
            debian: 'iptables',
            elsewhere: 'your package manager'
          }
        ]
      : []),
    {
      programs: ['skopeo'],
      purpose: 'pushing images',
      debian: 'skopeo',
      elsewhere: 'https://github.com/containers/skopeo/blob/main/install.md'
    },
    {
      programs: ['haproxy'],
      purpose: 'the local load balancer',
      debian: 'haproxy',
      elsewhere: 'https://www.haproxy.org'
    },
    ...(podman
      ? [
          {
            programs: ['docker-registry', 'registry'],
            purpose: 'the local image registry',
            debian: 'docker-registry',
            elsewhere: 'https://distribution.github.io/distribution'
          }
        ]
      : []),
    ...(debian && !baseImageGiven
      ? [
          {
            programs: ['mmdebstrap'],
            purpose: 'building the base image',
            debian: 'mmdebstrap',
            elsewhere: ''
          },
          {
            programs: ['strip'],
            purpose: 'building the base image',
            debian: 'binutils',
            elsewhere: ''
          }
        ]
      : [])
  ]
}

import type { EngineEnvironment } from './engine-environment.ts'

/** One port of a container, published on 127.0.0.1. */
export interface PublishedPort {
  readonly containerPort: number
  /** Port on 127.0.0.1; left out: a free one that the engine picks. */
  readonly hostPort?: number
}

export interface RunOptions {
  readonly name: string
  /** What to run: a reference by digest, or an image id (`sha256:…`). A tag never decides what runs. */
  readonly image: string
  readonly labels?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly publish: PublishedPort
  /** `uid` or `uid:gid`. @default the image's user */
  readonly user?: string
  /** Root file system read-only, /tmp too unless it is one of `temporaryFolders`. @default true */
  readonly readOnly?: boolean
  /** Folders that are writable memory in spite of a read-only root, 256 MiB each at most. @default none */
  readonly temporaryFolders?: readonly string[]
  /** Folders of this machine that the container sees. @default none */
  readonly mounts?: readonly {
    readonly source: string
    readonly target: string
    readonly readOnly: boolean
  }[]
  /** Drop every capability and forbid new privileges. @default true */
  readonly capDropAll?: boolean
  /** @default no limit */
  readonly memoryMiB?: number
  /** Number of CPUs, fractions allowed. @default no limit */
  readonly cpus?: number
  /** Number of processes and threads. @default the engine's own */
  readonly pidsLimit?: number
  /** Seconds between SIGTERM and SIGKILL. @default 10 */
  readonly stopTimeoutSeconds?: number
  /** Arguments behind the image's entry point. @default the image's own */
  readonly command?: readonly string[]
}

export interface RunningContainer {
  /** 64 hexadecimal digits. */
  readonly id: string
  /** Port on 127.0.0.1 that leads to the container's. */
  readonly hostPort: number
}

export interface ContainerState {
  readonly id: string
  readonly name: string
  /** What the engine says; with a dead monitor podman says `running` for ever, so check `pid` as well. */
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'stopping' | 'exited' | 'dead'
  /** Process id on this machine; undefined unless running. */
  readonly pid: number | undefined
  /** Undefined until it has exited. */
  readonly exitCode: number | undefined
  readonly outOfMemory: boolean
  /** ISO 8601; undefined until it has been started. */
  readonly startedAt: string | undefined
  readonly finishedAt: string | undefined
  /** Config digest of its image, `sha256:…`. */
  readonly imageId: string
  readonly labels: Readonly<Record<string, string>>
  /** Port on 127.0.0.1; undefined where none is published. */
  readonly hostPort: number | undefined
}

/** What a command in a container said. */
export interface CommandResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface ContainerLogs {
  readonly stdout: string
  readonly stderr: string
}

/**
 * A container engine, docker or podman, spoken to through its command line.
 *
 * Every method throws CodedError `step-failed` with the engine's own words where the engine refuses, `port-taken`
 * where a host port is in use, `aborted` where the signal given to the engine fires, and `engine-unavailable` where the
 * engine hangs: no call waits for it longer than a minute, for an image ten.
 */
export interface Engine {
  readonly kind: 'docker' | 'podman'
  readonly version: string
  /** The store that it works on. */
  readonly environment: EngineEnvironment

  /** Pulls a reference by digest and gives the image id. `insecure` allows plain HTTP, `signal` ends it in place of the engine's own. `registry-unavailable` or `registry-refused` where the registry is to blame. */
  pull(
    reference: string,
    options?: { readonly insecure?: boolean; readonly signal?: AbortSignal }
  ): Promise<string>
  /** Loads an OCI archive into the engine's store and gives the image id. */
  load(archive: string): Promise<string>
  /**
   * Config digest (`sha256:…`) of a reference in the engine's store, undefined where it is not there. docker with its
   * containerd store gives the manifest's digest instead.
   */
  imageId(reference: string): Promise<string | undefined>
  removeImage(reference: string): Promise<void>

  run(options: RunOptions): Promise<RunningContainer>
  /** Undefined where no such container exists. */
  inspect(container: string): Promise<ContainerState | undefined>
  /** Runs a command in a running container; its exit code is a result, no error. */
  exec(container: string, command: readonly string[]): Promise<CommandResult>
  /** SIGTERM, and SIGKILL after `seconds`. Gives the exit code. */
  stop(container: string, seconds: number): Promise<number>
  kill(container: string, signal?: NodeJS.Signals): Promise<void>
  /** Removes a container, running or not; nothing happens where it does not exist. */
  remove(container: string): Promise<void>
  /** The last `tail` lines (default 100) of each stream. */
  logs(container: string, options?: { readonly tail?: number }): Promise<ContainerLogs>
  /** Containers, running or not, that carry all the labels. */
  list(filter: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly ContainerState[]>
}

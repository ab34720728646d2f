import type { DeploymentTarget as TargetName, PipelineEnvironment, Probe } from '@fast-mcp/validation'
import type { Version } from '@fast-mcp/versioning'

/** An image in a registry, by digest. */
export interface PushedImage {
  /** `<registry>/<repository>@sha256:…`. */
  readonly reference: string
  readonly digest: string
  /** The registry speaks plain HTTP. */
  readonly insecure: boolean
}

/** What is to be live. */
export interface DeployRequest {
  readonly version: Version
  readonly image: PushedImage
  /** Text of the synthesized template. */
  readonly template: string
}

/** What is live now. */
export interface Deployment {
  readonly version: Version
  readonly image: PushedImage
  readonly endpoint: string
  /** False where the same image and template ran healthy already, and nothing beside them had to be started again. */
  readonly changed: boolean
  /** What `.config` holds. */
  readonly outputs: Readonly<Record<string, string>>
}

/** What must be live for the checks of phase deploy to pass. */
export interface ExpectedDeployment {
  readonly version: Version
  /** Of the image that phase catalog pushed. */
  readonly digest: string
}

export interface TaskStatus {
  readonly name: string
  /** `gone`: its process has ended. */
  readonly health: 'healthy' | 'unhealthy' | 'gone'
  /** Where it listens. */
  readonly address: string
  /** The load balancer's words for its last health check. */
  readonly check: string
  readonly startedAt: string
  /** Requests since the load balancer was started, those at work now, and answers with a 5xx status. */
  readonly requests: number
  readonly active: number
  readonly serverErrors: number
}

/** What the load balancer has seen since it was started. */
export interface TrafficStatus {
  /** Requests within the last second. */
  readonly requestsPerSecond: number
  readonly requests: number
  /** Answers with a 5xx status. */
  readonly serverErrors: number
  /** Of the latest requests: milliseconds until the answer began; undefined where there was none. */
  readonly latency: { readonly count: number; readonly p50Ms: number; readonly p95Ms: number } | undefined
}

export interface HistoryEntry {
  readonly version: Version
  readonly digest: string
  /** ISO 8601 in UTC. */
  readonly deployedAt: string
  /** What the checks of phase deploy said about it. */
  readonly proof: 'none' | 'passed' | 'failed'
  /** Hash of the template that runs it, where a rollback made it live again on AWS. */
  readonly template?: string
}

export type DeploymentStatus =
  | {
      readonly state: 'not-deployed'
      readonly target: TargetName
      /** What is there all the same, and what to do about it. */
      readonly note?: string
    }
  | {
      readonly state: 'healthy' | 'unhealthy'
      readonly target: TargetName
      /** Why it is not healthy; empty where it is. */
      readonly problems: readonly string[]
      readonly endpoint: string
      readonly desiredCount: number
      readonly tasks: readonly TaskStatus[]
      /** What else runs: load balancer, registry. */
      readonly parts: readonly { readonly name: string; readonly what: string; readonly state: string }[]
      /** Left out where the load balancer cannot be asked. */
      readonly traffic?: TrafficStatus
      /** When anything last had to be done for what runs, ISO 8601 in UTC; left out where nobody keeps that. */
      readonly changedAt?: string
      /** The running version first. */
      readonly history: readonly HistoryEntry[]
    }

/**
 * A place that runs what the template describes. Every method works from what is really there and takes up where an
 * interrupted one ended.
 */
export interface DeploymentTarget {
  readonly name: TargetName
  /**
   * Makes a version live. Does nothing where it is live and healthy already. Throws CodedError `rollout-failed` after
   * going back where it does not become healthy: what was live serves on.
   */
  deploy(request: DeployRequest): Promise<Deployment>
  status(): Promise<DeploymentStatus>
  /**
   * Makes an earlier version live: the newest before this one that passed its checks, or the one whose SHA begins with
   * `sha`, passed or not. Throws CodedError `not-deployed`, `no-previous-version` and what `deploy` throws.
   */
  rollback(sha?: string): Promise<Deployment>
  /** Makes the live version whole again; left out where the target does so by itself. Throws what `rollback` throws. */
  readonly restore?: () => Promise<Deployment>
  /** Ends everything that deploy started, and says what it was; nothing to end is no error. `all`: what is kept for the next deployment goes too. */
  destroy(options: { readonly all: boolean }): Promise<readonly string[]>
  /** What destroy would end, one line each, to be read before it is confirmed; none where there is nothing. */
  readonly planDestroy?: () => Promise<readonly string[]>
  /** The probes of phase deploy that need to know the target, by check id. Throws CodedError `not-deployed`. */
  probes(expected: ExpectedDeployment): Promise<Readonly<Record<string, Probe>>>
  /** The last lines that each task logged, headed by its name; left out where the checks of the target give them. */
  readonly lastLogLines?: () => Promise<readonly string[]>
  /** Keeps what the checks said about the live version. */
  recordProof(proof: 'passed' | 'failed'): Promise<void>
}

export interface TargetContext {
  /** Root folder of the workspace. */
  readonly workspace: string
  readonly environment: PipelineEnvironment
  readonly signal: AbortSignal
  /** Told what happens, one line each. */
  readonly report: (line: string) => void
}

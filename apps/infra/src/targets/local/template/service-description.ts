import { createHash } from 'node:crypto'
import { z } from 'zod'

/**
 * What the template says about the service, as far as this machine acts on it: the whole input of a rollout beside
 * the image. It is kept in the state with every version, so that a rollback runs what ran then.
 */
export const serviceDescription = z
  .strictObject({
    /** Logical ids of the template's resources: the names on this machine. */
    names: z.strictObject({
      cluster: z.string(),
      service: z.string(),
      targetGroup: z.string(),
      logGroup: z.string()
    }),
    /** Percentages of `desiredCount`, as ECS counts them: at least `minimum` serve, at most `maximum` run. */
    rollout: z.strictObject({
      desiredCount: z.int(),
      minimumHealthyPercent: z.int(),
      maximumPercent: z.int(),
      /** A task that is not healthy after this many seconds has failed. */
      graceSeconds: z.int()
    }),
    task: z.strictObject({
      container: z.string(),
      port: z.int(),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()),
      /** `uid` or `uid:gid`. */
      user: z.string(),
      readOnly: z.boolean(),
      /** Folders that are writable all the same, empty when a task starts. */
      temporaryFolders: z.array(z.string()).default([]),
      memoryMiB: z.int(),
      /** CPUs, fractions allowed. */
      cpus: z.number(),
      /** Seconds between SIGTERM and SIGKILL. */
      stopSeconds: z.int(),
      /** The command that says whether a container is healthy, by its exit code. */
      health: z.strictObject({ command: z.array(z.string()), timeoutSeconds: z.int(), retries: z.int() })
    }),
    balancer: z.strictObject({
      algorithm: z.enum(['round_robin', 'least_outstanding_requests']),
      idleSeconds: z.int(),
      /** A task that is taken out keeps its requests for at most this many seconds. */
      drainSeconds: z.int(),
      health: z.strictObject({
        path: z.string(),
        /** Accepted status codes: `200`, `200-299`, `200,204`. */
        codes: z.string(),
        timeoutSeconds: z.int(),
        healthyThreshold: z.int(),
        unhealthyThreshold: z.int()
      })
    }),
    logRetentionDays: z.int()
  })
  .readonly()

export type ServiceDescription = z.output<typeof serviceDescription>

/** 12 hexadecimal digits that change whenever anything in a task's description changes; labels its containers. */
export function taskFingerprint(description: ServiceDescription): string {
  return createHash('sha256').update(JSON.stringify(description.task)).digest('hex').slice(0, 12)
}

/** How many tasks serve at least and run at most during a rollout. Source: Amazon ECS, "DeploymentConfiguration": the minimum is rounded up, the maximum down. */
export function taskCounts(
  rollout: Pick<ServiceDescription['rollout'], 'desiredCount' | 'minimumHealthyPercent' | 'maximumPercent'>
): { readonly minimum: number; readonly maximum: number } {
  return {
    minimum: Math.ceil((rollout.desiredCount * rollout.minimumHealthyPercent) / 100),
    maximum: Math.floor((rollout.desiredCount * rollout.maximumPercent) / 100)
  }
}

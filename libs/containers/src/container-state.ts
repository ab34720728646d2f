import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'
import type { ContainerState } from './engine.ts'

// What `podman container inspect` (4.3) and `docker container inspect` (API 1.41 and later) have in common.
const inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  State: z.object({
    Status: z.string(),
    Pid: z.number(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().optional(),
    StartedAt: z.string(),
    FinishedAt: z.string()
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  HostConfig: z.object({
    PortBindings: z
      .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable())
      .nullish()
  }),
  NetworkSettings: z.object({
    Ports: z
      .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable())
      .nullish()
  })
})

// Names of podman's and docker's states, in the vocabulary of ContainerState.
const states: Readonly<Record<string, ContainerState['state']>> = {
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  paused: 'paused',
  restarting: 'restarting',
  stopping: 'stopping',
  stopped: 'exited',
  exited: 'exited',
  removing: 'dead',
  dead: 'dead',
  unknown: 'dead'
}

/** The states in the output of `container inspect`. Throws CodedError `internal` for an output of another shape. */
export function parseInspect(text: string): readonly ContainerState[] {
  const parsed = z.array(inspected).safeParse(parseJson(text))
  if (!parsed.success)
    throw new CodedError('internal', 'the container engine described a container in an unknown way', {
      evidence: z.prettifyError(parsed.error),
      remedy: 'Use docker 20.10 or later, or podman 4 or later.'
    })
  return parsed.data.map((container) => {
    const { State } = container
    const state = states[State.Status] ?? 'dead'
    const ports = container.NetworkSettings.Ports ?? container.HostConfig.PortBindings ?? {}
    const port = Object.values(ports).flatMap((bindings) => bindings ?? [])[0]?.HostPort
    return {
      id: container.Id,
      name: container.Name.replace(/^\//, ''),
      state,
      pid: state === 'running' && State.Pid > 0 ? State.Pid : undefined,
      exitCode: state === 'exited' ? State.ExitCode : undefined,
      outOfMemory: State.OOMKilled ?? false,
      startedAt: time(State.StartedAt),
      finishedAt: state === 'running' ? undefined : time(State.FinishedAt),
      imageId: withAlgorithm(container.Image),
      labels: container.Config.Labels ?? {},
      hostPort: port === undefined || port === '' ? undefined : Number(port)
    }
  })
}

/** A digest with its algorithm in front: podman leaves it out. */
export function withAlgorithm(id: string): string {
  return id.startsWith('sha256:') ? id : `sha256:${id}`
}

// Both engines write the year 1 for "never".
function time(text: string): string | undefined {
  return text.startsWith('0001-') ? undefined : text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

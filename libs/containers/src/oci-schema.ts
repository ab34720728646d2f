import { z } from 'zod'

// Source: OCI Image Format Specification 1.1: descriptor.md, image-index.md, manifest.md, config.md.

export const digestPattern = /^sha256:[0-9a-f]{64}$/

export const ociDescriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(digestPattern),
  size: z.number().int().nonnegative(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: z.object({ architecture: z.string(), os: z.string() }).optional()
})
export type OciDescriptor = z.output<typeof ociDescriptor>

export const ociIndex = z.object({
  schemaVersion: z.literal(2),
  manifests: z.array(ociDescriptor)
})

export const ociManifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: ociDescriptor,
  layers: z.array(ociDescriptor),
  annotations: z.record(z.string(), z.string()).optional()
})
export type OciManifest = z.output<typeof ociManifest>

export const ociConfig = z.object({
  architecture: z.string(),
  os: z.string(),
  created: z.string().optional(),
  config: z
    .object({
      User: z.string().optional(),
      ExposedPorts: z.record(z.string(), z.unknown()).optional(),
      Env: z.array(z.string()).optional(),
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()).nullish(),
      WorkingDir: z.string().optional(),
      Labels: z.record(z.string(), z.string()).nullish(),
      StopSignal: z.string().optional()
    })
    .default({}),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(z.string().regex(digestPattern)) })
})

/** What an image is to run with. */
export interface ImageConfig {
  readonly architecture: string
  readonly os: string
  /** ISO 8601. */
  readonly created: string | undefined
  /** Empty: root. */
  readonly user: string
  readonly labels: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
  /** As `8000/tcp`. */
  readonly exposedPorts: readonly string[]
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly workingFolder: string
  readonly stopSignal: string | undefined
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly string[]
}

/** An image's config in the vocabulary of this workspace. */
export function imageConfig(parsed: z.output<typeof ociConfig>): ImageConfig {
  const { config } = parsed
  return {
    architecture: parsed.architecture,
    os: parsed.os,
    created: parsed.created,
    user: config.User ?? '',
    labels: config.Labels ?? {},
    environment: Object.fromEntries(
      (config.Env ?? []).map((line) => {
        const at = line.indexOf('=')
        return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
      })
    ),
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    entrypoint: config.Entrypoint ?? [],
    command: config.Cmd ?? [],
    workingFolder: config.WorkingDir ?? '/',
    stopSignal: config.StopSignal,
    diffIds: parsed.rootfs.diff_ids
  }
}

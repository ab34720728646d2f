import { z } from 'zod'

/** Arguments that several tools take. */
export const registryArgument = z
  .string()
  .max(2048)
  .optional()
  .describe('URI of a registry this server serves; default: the first one (server_status lists them)')

export const packageArgument = z.string().min(1).max(1024).describe('Package name, namespace/name')

export const revisionArgument = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe('latest, a tag, a top hash, or its first 6 or more digits; default: latest')

export const cursorArgument = z
  .string()
  .min(1)
  .max(16_384)
  .optional()
  .describe('next_cursor of the page before; default: the first page')

export const limitArgument = z.int().min(1).max(1000).default(100).describe('Most items on a page')

export const nextCursor = z
  .string()
  .optional()
  .describe('Pass it as cursor for the next page; missing on the last one')

export const topHash = z.string().describe('Top hash of the revision, 64 hexadecimal digits')

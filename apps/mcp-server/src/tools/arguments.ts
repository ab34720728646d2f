import { z } from 'zod'

/** Arguments that several tools take. */
export const registryArgument = z.string().max(2048).optional().describe('Registry URI')

export const packageArgument = z.string().min(1).max(1024).describe('namespace/name')

export const revisionArgument = z.string().min(1).max(256).optional().describe('Tag or top hash')

export const cursorArgument = z.string().min(1).max(16_384).optional().describe('next_cursor')

const limit = z.int().min(1).max(1000)

export const limitArgument = limit.default(100).describe('Page size')
/** For lists whose first items are the best ones. */
export const bestLimitArgument = limit.default(20).describe('Page size')

export const dryRunArgument = z.boolean().default(false).describe('Only tell what would be done')

export const addressArgument = z.string().min(1).max(8192).describe('s3://, file:// or quilt+ URI')

/** Free metadata: what JSON can hold, by name. */
export const metaArgument = z.record(z.string().max(1024), z.unknown())

export const messageArgument = z.string().max(100_000).optional().describe('Commit message')

export const workflowArgument = z.string().max(256).nullable().optional().describe('Workflow id; null: none')

export const nextCursor = z.string().optional().describe('More: pass as cursor')

export const registryUri = z.string().describe('Registry')
export const packageName = z.string().describe('Package')
export const topHash = z.string().describe('Top hash')
export const shown = z.string().optional().describe('The key with invisible characters as \\u{…}')

import { z } from 'zod'
import { catalogue, type QuiltErrorCode } from '../catalogue.ts'
import { isQuiltError, QuiltError } from '../error.ts'
import { systemCode } from '../store/file-errors.ts'

/** Work for a worker thread. `file` is a descriptor: all threads of a process share them. */
export const taskSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('scan'), file: z.number(), identity: z.string() }),
  z.object({ kind: z.literal('top-hash'), file: z.number() }),
  z.object({ kind: z.literal('list-keys'), file: z.number(), firstEntry: z.number(), out: z.number() }),
  z.object({
    kind: z.literal('search-keys'),
    keys: z.number(),
    entries: z.number(),
    text: z.string(),
    after: z.number(),
    limit: z.number()
  }),
  z.object({
    kind: z.literal('search-metadata'),
    file: z.number(),
    firstEntry: z.number(),
    text: z.string(),
    after: z.number(),
    limit: z.number()
  }),
  z.object({
    kind: z.literal('hash-chunks'),
    file: z.number(),
    size: z.number(),
    chunkSize: z.number(),
    next: z.instanceof(SharedArrayBuffer),
    digests: z.instanceof(SharedArrayBuffer)
  })
])
export type Task = z.output<typeof taskSchema>

export const requestSchema = z.object({
  id: z.number(),
  abort: z.instanceof(SharedArrayBuffer),
  task: taskSchema
})
export type Request = z.output<typeof requestSchema>

const failureSchema = z.object({
  code: z.custom<QuiltErrorCode>((code) => typeof code === 'string' && Object.hasOwn(catalogue, code)),
  message: z.string(),
  remedy: z.string(),
  line: z.number().optional(),
  position: z.number().optional(),
  key: z.string().optional(),
  where: z.string().optional()
})

export const responseSchema = z.union([
  z.object({ id: z.number(), result: z.unknown() }),
  z.object({ id: z.number(), failure: failureSchema })
])
export type Response = z.output<typeof responseSchema>

/** An error as it crosses between threads. */
export function toFailure(error: unknown): z.output<typeof failureSchema> {
  if (isQuiltError(error)) return error.toJSON()
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const code = systemCode(error) === undefined ? 'internal' : 'storage-failed'
  return { code, message, remedy: catalogue[code].remedy }
}

export function fromFailure({ code, message, ...place }: z.output<typeof failureSchema>): QuiltError {
  return new QuiltError(code, message, {
    remedy: place.remedy,
    ...(place.line === undefined ? {} : { line: place.line }),
    ...(place.position === undefined ? {} : { position: place.position }),
    ...(place.key === undefined ? {} : { key: place.key }),
    ...(place.where === undefined ? {} : { where: place.where })
  })
}

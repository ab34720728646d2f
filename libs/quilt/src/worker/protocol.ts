import { catalogue, type QuiltErrorCode } from '../catalogue.ts'
import type { ChunkWork } from '../checksums/hash-chunks.ts'
import type { IndexTask } from '../search/index-task.ts'
import { isQuiltError, QuiltError, type ErrorPlace } from '../error.ts'
import { systemCode } from '../store/file-errors.ts'

// No zod here: both sides are this library, and loading it would double the time that a thread takes to start.

/** Work for a worker thread. `file` is a descriptor: all threads of a process share them. */
export type Task =
  | { readonly kind: 'scan'; readonly file: number; readonly identity: string }
  | { readonly kind: 'sort'; readonly file: number; readonly out: number }
  | { readonly kind: 'top-hash'; readonly file: number }
  | { readonly kind: 'list-keys'; readonly file: number; readonly firstEntry: number; readonly out: number }
  | ({ readonly kind: 'search-keys'; readonly keys: number; readonly entries: number } & TextSearch)
  | ({ readonly kind: 'search-metadata'; readonly file: number; readonly firstEntry: number } & TextSearch)
  | ({ readonly kind: 'hash-chunks' } & ChunkWork)
  | { readonly kind: 'search-index'; readonly task: IndexTask }
  | { readonly kind: 'match-pattern'; readonly pattern: string; readonly text: string }
  /** Schema and value are JSON. */
  | { readonly kind: 'check-schema'; readonly schema: string; readonly value: string }

interface TextSearch {
  readonly text: string
  readonly after: number
  readonly limit: number
}

export interface Request {
  readonly id: number
  /** The memory of an AbortFlag. */
  readonly abort: SharedArrayBuffer
  readonly task: Task
}

/** What a thread sends back. */
export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: Failure }

/** An error as it crosses between threads. */
export interface Failure extends ErrorPlace {
  readonly code: QuiltErrorCode
  readonly message: string
  readonly remedy: string
}

export function isRequest(message: unknown): message is Request {
  return typeof message === 'object' && message !== null && 'id' in message && 'task' in message
}

export function isResponse(message: unknown): message is Response {
  return (
    typeof message === 'object' &&
    message !== null &&
    'id' in message &&
    ('result' in message || 'failure' in message)
  )
}

export function toFailure(error: unknown): Failure {
  if (isQuiltError(error)) return error.toJSON()
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const code = systemCode(error) === undefined ? 'internal' : 'storage-failed'
  return { code, message, remedy: catalogue[code].remedy }
}

export function fromFailure({ code, message, ...place }: Failure): QuiltError {
  return new QuiltError(code, message, place)
}

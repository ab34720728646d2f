import { QuiltError } from '@fast-mcp/quilt'
import type { z } from 'zod'
import { describeIssues } from '../../issues.ts'
import { ToolFailure } from '../../tools/tool-failure.ts'
import { stackFailure } from './stack-failure.ts'

/** Answers larger than this are not read on. */
const maxAnswerBytes = 16 * 1024 ** 2

export interface StackRequest<S extends z.ZodType> {
  /** What is asked for, for messages: `the list of buckets`. */
  readonly what: string
  readonly url: string
  /** Bearer token; undefined for what is public. */
  readonly token: string | undefined
  /** Sent as JSON by POST. */
  readonly body?: object
  /** What the answer has to be. */
  readonly schema: S
  readonly signal: AbortSignal
  readonly timeoutSeconds: number
}

/**
 * One request to a stack and its checked answer. Redirects are not followed, since the token would go with them. Throws
 * ToolFailure for every answer but a good one, and QuiltError `aborted`.
 */
export async function stackFetch<S extends z.ZodType>(request: StackRequest<S>): Promise<z.output<S>> {
  const { what, url, token, body, schema, signal, timeoutSeconds } = request
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  let text: string
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` })
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    if (!response.ok) {
      await response.body?.cancel()
      const retryAfter = Number(response.headers.get('Retry-After') ?? 'none')
      throw stackFailure(what, {
        kind: 'status',
        status: response.status,
        ...(Number.isInteger(retryAfter) && retryAfter > 0 ? { retryAfter } : {})
      })
    }
    text = await textOf(response, what)
  } catch (error) {
    if (signal.aborted) throw new QuiltError('aborted', 'the call was aborted', { cause: error })
    if (timeout.aborted) throw stackFailure(what, { kind: 'slow', seconds: timeoutSeconds })
    throw error instanceof ToolFailure ? error : stackFailure(what, { kind: 'unreachable', cause: error })
  }
  return parsed(text, what, schema)
}

async function textOf(response: Response, what: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxAnswerBytes)
      throw stackFailure(what, { kind: 'malformed', detail: 'it is longer than 16 MiB' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed<S extends z.ZodType>(text: string, what: string, schema: S): z.output<S> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw stackFailure(what, { kind: 'malformed', detail: 'it is not JSON', cause })
  }
  return checked(what, value, schema)
}

/** An answer, or part of one, that is what it has to be. Throws ToolFailure `stack-malformed`. */
export function checked<S extends z.ZodType>(what: string, value: unknown, schema: S): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw stackFailure(what, { kind: 'malformed', detail: describeIssues(result.error.issues) })
}

import { CodedError } from '@fast-mcp/errors'
import type { z } from 'zod'
import { isObject } from './intrinsics.ts'

/** Each issue as `<what>.<path> …`, with the value that was found. */
export function describeIssues(what: string, value: unknown, error: z.ZodError): readonly string[] {
  return error.issues.flatMap((issue) => {
    const path = (keys: readonly PropertyKey[]): string => [what, ...keys.map(String)].join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${path([...issue.path, key])} is not known`)
    const found = JSON.stringify(issue.path.reduce<unknown>(at, value)) ?? 'missing'
    return [
      `${path(issue.path)} is ${found.length > 120 ? `${found.slice(0, 120)}…` : found}: ${issue.message}`
    ]
  })
}

function at(value: unknown, key: PropertyKey): unknown {
  if (Array.isArray(value)) return value[Number(key)]
  return isObject(value) ? value[String(key)] : undefined
}

/** CodedError `template-unknown` that names every problem. */
export function unknown(problems: readonly string[]): CodedError {
  return new CodedError(
    'template-unknown',
    `the local target does not know what to do with the template: ${problems.join('; ')}`,
    {
      remedy:
        'Teach it in apps/infra/src/targets/local/template (act on it, or leave it out with a reason), or take it out of the stack.'
    }
  )
}

/** CodedError `template-invalid`. */
export function invalid(message: string, cause?: unknown): CodedError {
  return new CodedError('template-invalid', message, {
    remedy: 'Make it again: nx run infra:synth --skip-nx-cache.',
    ...(cause === undefined ? {} : { cause })
  })
}

import { ToolFailure } from '../../tools/tool-failure.ts'

/** What can go wrong between this server and a stack, besides an answer that says no. */
export type StackProblem =
  | { readonly kind: 'unreachable'; readonly cause: unknown }
  | { readonly kind: 'slow'; readonly seconds: number }
  | { readonly kind: 'malformed'; readonly detail: string; readonly cause?: unknown }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }

/** The failure that a caller is told, with what to do about it. `what` names the part of the stack that was asked. */
export function stackFailure(what: string, problem: StackProblem): ToolFailure {
  switch (problem.kind) {
    case 'unreachable':
      return new ToolFailure('stack-unavailable', `the Quilt stack was not reached for ${what}`, {
        next: 'Try again later; if it goes on, check QUILT_CATALOG_URL and the network.',
        cause: problem.cause
      })
    case 'slow':
      return new ToolFailure(
        'stack-timeout',
        `the Quilt stack took longer than ${String(problem.seconds)} s for ${what}`,
        { next: 'Ask for less at once, or try again later.' }
      )
    case 'malformed':
      return new ToolFailure(
        'stack-malformed',
        `the Quilt stack gave an answer for ${what} that cannot be read: ${problem.detail}`,
        {
          next: 'Check that QUILT_CATALOG_URL is the address of a Quilt catalog, and its version.',
          cause: problem.cause
        }
      )
    case 'status':
      return statusFailure(what, problem.status, problem.retryAfter)
  }
}

function statusFailure(what: string, status: number, retryAfter: number | undefined): ToolFailure {
  switch (status) {
    case 401:
      return new ToolFailure(
        'stack-token-rejected',
        `the Quilt stack does not accept the token for ${what}: it is invalid or has expired`,
        { next: 'Sign in to the Quilt catalog again and use the new token or API key.' }
      )
    case 403:
      return new ToolFailure('access-denied', `the Quilt stack denies access to ${what}`, {
        next: 'Ask an administrator of the stack for a role that allows it; buckets_list shows what is allowed now.'
      })
    case 429:
      return new ToolFailure('stack-busy', `the Quilt stack asks to wait before ${what}`, {
        next: `Call again in ${String(retryAfter ?? 10)} seconds.`
      })
    default:
      return new ToolFailure('stack-unavailable', `the Quilt stack answered ${String(status)} for ${what}`, {
        next: status >= 500 ? 'Try again later.' : 'Check the arguments, and the version of the stack.'
      })
  }
}

/** What is told to a caller without a token where only the stack can help. */
export function tokenMissing(): ToolFailure {
  return new ToolFailure('stack-token-missing', 'the Quilt stack needs a token, and this call has none', {
    next: 'Send it as Authorization: Bearer, or over stdio and on loopback start the server with QUILT_API_KEY.'
  })
}

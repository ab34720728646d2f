import { CodedError } from '@fast-mcp/errors'
import { permissions } from './permissions.ts'

/**
 * What an error of the AWS SDK or of the CDK toolkit means to the reader: which action was denied, that credentials
 * are missing or ended, that AWS asks to slow down. Other errors come back as they are.
 *
 * Source: AWS general reference, "Common error types"; names of the AWS SDK for JavaScript.
 */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CodedError) return error
  const { name, message } = error
  const options = { evidence: `${name}: ${message}`, cause: error }
  const action = /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1]
  if (action !== undefined || /^(?:AccessDenied|UnauthorizedOperation|AccessDeniedException)$/.test(name))
    return new CodedError('aws-denied', `the AWS credentials do not allow ${action ?? 'what was asked'}`, {
      ...options,
      remedy: howToGrant(action)
    })
  if (
    /^(?:ExpiredToken|ExpiredTokenException|RequestExpired|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|CredentialsProviderError|AuthenticationError)$/.test(
      name
    )
  )
    return new CodedError(
      'aws-credentials',
      /expired/i.test(`${name} ${message}`)
        ? 'the AWS credentials have expired'
        : 'there are no AWS credentials that AWS accepts',
      { ...options, remedy: 'Sign in again (`aws sts get-caller-identity` must answer), or set AWS_PROFILE.' }
    )
  if (/Throttl|TooManyRequests|RequestLimitExceeded/.test(name))
    return new CodedError('aws-unavailable', 'AWS asks to slow down, after five attempts', {
      ...options,
      remedy: 'Wait a minute and run the command again; it takes up where it was.'
    })
  if (/^(?:TimeoutError|NetworkingError)$/.test(name) || /ECONNREFUSED|ENOTFOUND|ETIMEDOUT/.test(message))
    return new CodedError('aws-unavailable', 'AWS does not answer', {
      ...options,
      remedy: 'Check the network, the region and AWS_ENDPOINT_URL, then run the command again.'
    })
  return error
}

function howToGrant(action: string | undefined): string {
  const granting = permissions.filter(({ actions }) => action !== undefined && actions.includes(action))
  return granting.length === 0
    ? 'Grant it: docs/iam.md has the policy of each phase, and what the roles of `cdk bootstrap` do.'
    : `Grant it: ${granting.map(({ sid, phase }) => `statement ${sid} of the policy for phase ${phase}`).join(', or ')}, in docs/iam.md.`
}

/** Runs work that talks to AWS; what it throws is explained. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explain(error)
  }
}

import { CodedError } from '@fast-mcp/errors'

const denied = /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/

/** The statement of the policy of phase catalog in docs/iam.md that grants an action. */
export function statementOf(action: string): string {
  if (action === 'ecr:GetAuthorizationToken') return 'Login'
  return action.startsWith('sts:') ? 'Caller' : 'Repository'
}

/** Asks ECR or STS. What they refuse is thrown as what it means to the reader; other errors as they are. */
export async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw meaning(error.name, error.message, error) ?? error
  }
}

/** As `asked`, for what a registry program or the registry itself said: it gives AWS's words as text only. */
export async function saidByRegistry<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof CodedError) || error.evidence === undefined) throw error
    throw meaning('', error.evidence, error) ?? error
  }
}

/**
 * Undefined for what is none of these. Source: AWS general reference, "Common error types"; names of the AWS SDK for
 * JavaScript; Amazon ECR user guide, "Troubleshooting errors with image push".
 */
function meaning(name: string, message: string, cause: Error): CodedError | undefined {
  const action = denied.exec(message)?.[1]
  const options = { evidence: name === '' ? message : `${name}: ${message}`, cause }
  if (action !== undefined || /^AccessDenied/.test(name))
    return new CodedError('aws-denied', `the AWS credentials do not allow ${action ?? 'what was asked'}`, {
      ...options,
      remedy:
        action === undefined
          ? 'Grant it: docs/iam.md has the policy of phase catalog.'
          : `Grant it: statement ${statementOf(action)} of the policy for phase catalog, in docs/iam.md.`
    })
  if (
    /^(?:Expired|RequestExpired|CredentialsProvider|InvalidClientToken|UnrecognizedClient|SignatureDoesNotMatch)/.test(
      name
    ) ||
    /authorization token has expired/i.test(message)
  )
    return new CodedError(
      'aws-credentials',
      /expired/i.test(`${name} ${message}`)
        ? 'the AWS credentials have expired'
        : 'there are no AWS credentials that AWS accepts',
      { ...options, remedy: 'Sign in (`aws sts get-caller-identity` must answer), or set AWS_PROFILE.' }
    )
  if (/Throttl|TooManyRequests|RequestLimitExceeded/.test(name) || /toomanyrequests/i.test(message))
    return new CodedError('aws-unavailable', 'ECR asks to slow down', {
      ...options,
      remedy: 'Wait a minute and run the command again; it takes up where it was.'
    })
  if (/^(?:TimeoutError|NetworkingError)$/.test(name) || (name !== '' && network.test(message)))
    return new CodedError('aws-unavailable', 'AWS does not answer', {
      ...options,
      remedy:
        'Check the network, the region of ECR_REGISTRY and AWS_ENDPOINT_URL, then run the command again.'
    })
  return undefined
}

const network = /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT/

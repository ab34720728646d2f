import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import type { BucketAccess } from '../registry-setting.ts'
import type { AuthStatus } from './backend.ts'

/** How long AWS may take to say who we are. */
const timeoutMilliseconds = 5000

/**
 * As whom the AWS SDK's default chain (environment, profiles, SSO, web identity, container and machine roles) signs
 * requests. AWS is asked for the ARN; where it does not say, the id of the access key stands for it. To be imported
 * when it is needed, which is seldom: the client takes its time to load.
 */
export async function awsIdentity(
  access: Partial<BucketAccess> | undefined,
  signal: AbortSignal
): Promise<AuthStatus> {
  const profile = access?.profile
  const method = profile === undefined ? 'AWS default credentials' : `AWS profile ${profile}`
  const client = new STSClient({
    ...(profile === undefined ? {} : { profile }),
    // any region knows; without one the SDK would fail where the environment names none
    region: access?.region ?? 'us-east-1',
    maxAttempts: 1
  })
  try {
    const { accessKeyId, expiration } = await client.config.credentials()
    const expires = expiration === undefined ? {} : { expiresAt: expiration.toISOString() }
    // another S3 server has keys of its own, which AWS does not know
    if (access?.endpoint !== undefined)
      return {
        authenticated: true,
        identity: accessKeyId,
        method: `${method} at ${access.endpoint}`,
        ...expires
      }
    try {
      const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)])
      const { Arn } = await client.send(new GetCallerIdentityCommand({}), { abortSignal })
      return { authenticated: true, identity: Arn ?? accessKeyId, method, ...expires }
    } catch (error) {
      return { authenticated: false, identity: accessKeyId, method, ...expires, problem: reason(error) }
    }
  } catch (error) {
    return { authenticated: false, identity: undefined, method, problem: reason(error) }
  } finally {
    client.destroy()
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

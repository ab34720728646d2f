import { variable } from '@fast-mcp/environment'
import { z } from 'zod'
import { isLoopback } from '../../loopback.ts'

/** https, or http on this machine: tokens go there. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** The environment variables of a Quilt stack. */
export const stackVariables = {
  QUILT_CATALOG_URL: variable(
    z
      .string()
      .refine(isSafeAddress)
      .refine((text) => new URL(text).pathname === '/')
      .transform((text) => new URL(text).origin)
      .optional(),
    {
      description:
        'Address of the catalog of a Quilt stack. Its buckets are served, with the credentials that the stack gives each caller.',
      accepts: 'an https address without a path, or http on loopback',
      unset: 'no stack'
    }
  ),
  QUILT_API_KEY: variable(
    z
      .string()
      .regex(/^[\x21-\x7e]{8,16384}$/)
      .optional(),
    {
      description:
        'API key (qk_…) or token of the Quilt stack for callers over stdio or on loopback. Callers over the network bring their own.',
      accepts: 'a key or token',
      unset: 'such callers have no access to the stack',
      secret: true
    }
  ),
  QUILT_STACK_TIMEOUT_SECONDS: variable(
    z
      .string()
      .regex(/^\d{1,3}$/)
      .transform(Number)
      .pipe(z.number().min(1).max(600))
      .default(60),
    {
      description: 'How long the Quilt stack may take for one answer.',
      accepts: 'a number of seconds from 1 to 600'
    }
  )
}

/** A Quilt stack to work with. */
export interface StackConfig {
  /** Without a slash at the end. */
  readonly catalogUrl: string
  /** For callers of this machine, who have no token of their own. */
  readonly apiKey: string | undefined
  readonly timeoutSeconds: number
}

/** The stack of an environment; undefined where none is named. */
export function stackConfig(
  environment: z.output<z.ZodObject<typeof stackVariables>>
): StackConfig | undefined {
  const { QUILT_CATALOG_URL: catalogUrl, QUILT_API_KEY: apiKey } = environment
  return catalogUrl === undefined
    ? undefined
    : { catalogUrl, apiKey, timeoutSeconds: environment.QUILT_STACK_TIMEOUT_SECONDS }
}

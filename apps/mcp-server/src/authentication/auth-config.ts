import { variable } from '@fast-mcp/environment'
import { CodedError } from '@fast-mcp/errors'
import { z } from 'zod'
import type { OAuthOptions } from './oauth.ts'
import { safeUrl } from './safe-url.ts'

/** How callers say who they are. */
export type AuthConfig =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'oauth'
      /** The canonical address of the MCP endpoint, which clients ask tokens for (RFC 8707). */
      readonly resource: string
      readonly oauth: OAuthOptions
    }
  /** Tokens and API keys of the Quilt stack, which the stack itself judges. */
  | { readonly kind: 'stack' }

function seconds(maximum: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.number().max(maximum))
}

/** The environment variables of authentication. */
export const authVariables = {
  AUTH: variable(z.enum(['none', 'oauth', 'stack']).default('none'), {
    description:
      'How callers over HTTP say who they are: not at all (then only tools that read are served beyond loopback, and where PROXY_HOPS or ALLOWED_HOSTS say that others reach the server), by tokens of an OAuth issuer, or by tokens and API keys of the Quilt stack.',
    accepts: 'none, oauth, stack'
  }),
  PUBLIC_URL: variable(
    safeUrl
      .refine((text) => new URL(text).pathname === '/')
      .transform((text) => new URL(text).origin)
      .optional(),
    {
      description: 'Address that clients use, without /mcp. Needed with AUTH=oauth.',
      accepts: 'an https address without a path, or http on loopback'
    }
  ),
  OAUTH_ISSUER: variable(safeUrl.optional(), {
    description: 'Issuer of the tokens, as its metadata writes it. Needed with AUTH=oauth.',
    accepts: 'an https address, or http on loopback'
  }),
  OAUTH_AUDIENCE: variable(z.string().min(1).optional(), {
    description: 'What the audience of a token must name.',
    accepts: 'any text',
    unset: 'PUBLIC_URL/mcp'
  }),
  OAUTH_KEYS_URL: variable(safeUrl.optional(), {
    description: "Where the issuer's public keys are, as a JSON Web Key Set.",
    accepts: 'an https address, or http on loopback',
    unset: "where the issuer's metadata says"
  }),
  OAUTH_KEYS_SECONDS: variable(seconds(86_400).default(600), {
    description: "How long the issuer's keys are used before they are fetched again.",
    accepts: 'a number of seconds from 0 to 86400'
  }),
  OAUTH_CLOCK_SKEW_SECONDS: variable(seconds(300).default(30), {
    description: "How far the issuer's clock may be from the server's.",
    accepts: 'a number of seconds from 0 to 300'
  })
}

/** An unknown key makes the issuer's keys be fetched again, at most this often. */
const rotationSeconds = 30

/** Throws CodedError `invalid-environment` where AUTH needs a variable that is unset. */
export function authConfig(environment: z.output<z.ZodObject<typeof authVariables>>): AuthConfig {
  if (environment.AUTH !== 'oauth') return { kind: environment.AUTH }
  const origin = needed('PUBLIC_URL', environment.PUBLIC_URL)
  const issuer = needed('OAUTH_ISSUER', environment.OAUTH_ISSUER)
  const resource = `${origin}/mcp`
  return {
    kind: 'oauth',
    resource,
    oauth: {
      issuer,
      audience: environment.OAUTH_AUDIENCE ?? resource,
      keysUrl: environment.OAUTH_KEYS_URL,
      keysSeconds: environment.OAUTH_KEYS_SECONDS,
      rotationSeconds,
      clockSkewSeconds: environment.OAUTH_CLOCK_SKEW_SECONDS
    }
  }
}

function needed(name: 'PUBLIC_URL' | 'OAUTH_ISSUER', value: string | undefined): string {
  if (value !== undefined) return value
  throw new CodedError('invalid-environment', `${name} is unset, and AUTH=oauth needs it`, {
    remedy: `Set ${name}; --help says what it is.`
  })
}
